// Tables of items. The first byte chooses the options.
#include <tapegrad/apps/data/item_table.h>

#include "fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tapegrad::apps;
  static const fuzz::InputFile file;
  const auto [flags, text] = fuzz::flagged(data, size);
  TableOptions options;
  options.skip_bad_lines = (flags & 1) != 0;
  if ((flags & 2) != 0) options.columns = ColumnChoices("item.title=title");
  const std::string path = file.write(text);
  fuzz::accepted([&] {
    const ItemTable table = read_item_table(path, options);
    for (tapegrad::Index i = 0; i < table.ids.size(); ++i)
      fuzz::require(!table.title(table.ids.name(i)).empty());
  });
  return 0;
}
