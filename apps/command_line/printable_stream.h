// Output that no id, title or file name can turn into commands to the terminal.
#pragma once

#include <ios>
#include <ostream>
#include <streambuf>
#include <string>

namespace tapegrad::apps {

// While it lives, all that is written to the stream goes through printable(), line by line.
class PrintableStream : private std::streambuf {
 public:
  explicit PrintableStream(std::ostream& stream);
  ~PrintableStream() override;
  PrintableStream(const PrintableStream&) = delete;
  PrintableStream& operator=(const PrintableStream&) = delete;

 private:
  int_type overflow(int_type character) override;
  std::streamsize xsputn(const char* text, std::streamsize count) override;
  int sync() override;
  bool pass_on();

  std::ostream& stream_;
  std::streambuf* inner_;
  std::string line_;  // as far as it was written
};

}  // namespace tapegrad::apps
