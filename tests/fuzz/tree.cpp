// Trees as the Penn Treebank writes them.
#include <tapegrad/apps/trees/tree.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tapegrad::apps;
  fuzz::accepted([&] {
    const Tree tree = parse_tree({reinterpret_cast<const char*>(data), size}, "input", 1);
    fuzz::require(!tree.empty());
    std::size_t children = 0;
    for (std::size_t node = 0; node < tree.size(); ++node) {
      fuzz::require(tree[node].word.empty() != tree[node].children.empty());
      for (const std::int32_t child : tree[node].children)
        fuzz::require(child >= 0 && static_cast<std::size_t>(child) < node);
      children += tree[node].children.size();
    }
    fuzz::require(children == tree.size() - 1);
  });
  return 0;
}
