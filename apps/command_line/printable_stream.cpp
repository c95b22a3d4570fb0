#include <tapegrad/apps/command_line/printable_stream.h>

#include <ios>
#include <string_view>

#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {

PrintableStream::PrintableStream(std::ostream& stream)
    : stream_(stream), inner_(stream.rdbuf(this)) {}

PrintableStream::~PrintableStream() {
  sync();
  stream_.rdbuf(inner_);
}

bool PrintableStream::pass_on() {
  const std::string text = printable(line_);
  line_.clear();
  return inner_->sputn(text.data(), static_cast<std::streamsize>(text.size())) ==
         static_cast<std::streamsize>(text.size());
}

PrintableStream::int_type PrintableStream::overflow(int_type character) {
  if (traits_type::eq_int_type(character, traits_type::eof()))
    return traits_type::not_eof(character);
  const char one = traits_type::to_char_type(character);
  return xsputn(&one, 1) == 1 ? character : traits_type::eof();
}

std::streamsize PrintableStream::xsputn(const char* text, std::streamsize count) {
  std::string_view rest(text, static_cast<std::size_t>(count));
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    line_ += rest.substr(0, end);
    if (!pass_on() || inner_->sputc('\n') == traits_type::eof()) return 0;
    rest.remove_prefix(end + 1);
  }
  line_ += rest;
  return count;
}

int PrintableStream::sync() { return pass_on() && inner_->pubsync() == 0 ? 0 : -1; }

}  // namespace tapegrad::apps
