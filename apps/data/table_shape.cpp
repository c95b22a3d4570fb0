#include <tapegrad/apps/data/record_reader.h>
#include <tapegrad/apps/data/table_shape.h>
#include <algorithm>
#include <array>
#include <tuple>
#include <vector>

namespace tapegrad::apps {
namespace {

struct Candidate {
  TableShape shape;
  Index support = 0;
};

Candidate judge(std::string_view text, const Delimiter& delimiter) {
  constexpr std::size_t sample = 64;
  RecordReader reader(text, delimiter);
  Record record;
  std::vector<Index> counts;
  for (std::size_t i = 0; i < sample; ++i) {
    const ReadState state = reader.next(record);
    if (state == ReadState::end) break;
    if (state == ReadState::record) counts.push_back(static_cast<Index>(record.fields.size()));
  }
  Candidate best{{delimiter, 0}, 0};
  for (const Index count : counts) {
    const Index support = std::count(counts.begin(), counts.end(), count);
    if (support > best.support) best = {{delimiter, count}, support};
  }
  return best;
}

// The whole lines within the first MiB, so that a long text is not searched through for quotes once
// for each delimiter.
std::string_view beginning(std::string_view text) {
  constexpr std::size_t enough = 1 << 20;
  if (text.size() <= enough) return text;
  const std::size_t last_line = text.rfind('\n', enough);
  return last_line == std::string_view::npos ? text : text.substr(0, last_line + 1);
}

}  // namespace

TableShape detect_shape(std::string_view whole_text, const std::optional<Delimiter>& delimiter) {
  const std::string_view text = beginning(whole_text);
  if (delimiter) return judge(text, *delimiter).shape;
  const Delimiter delimiters[] = {'\t', ',', ';', '|', Delimiter("::"), ' '};
  // Without any delimiter the text is one column wide, whatever the delimiter is called.
  Candidate best{{',', judge(text, ',').shape.columns}, 0};
  for (const Delimiter& candidate : delimiters) {
    const Candidate judged = judge(text, candidate);
    const bool better =
        std::tie(judged.support, judged.shape.columns) > std::tie(best.support, best.shape.columns);
    if (judged.shape.columns >= 2 && better) best = judged;
  }
  // Words between other delimiters have blanks between them, too: a title is not many fields.
  if (best.support == 0 || best.shape.delimiter == Delimiter(' ')) {
    const Candidate blanks = judge(text, Delimiter::blanks());
    if (blanks.shape.columns >= 2 && blanks.support > best.support) return blanks.shape;
  }
  return best.shape;
}

}  // namespace tapegrad::apps
