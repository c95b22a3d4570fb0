// write_chrome_trace: the times of a tape's runs as JSON.
#include <ios>
#include <iterator>
#include <ostream>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include <tapegrad/graph/error.h>
#include <tapegrad/graph/runner.h>

namespace tapegrad {
namespace {

using Text = fmt::memory_buffer;

void append(Text& text, std::string_view part) {
  text.append(part.data(), part.data() + part.size());
}

void append_quoted(Text& text, std::string_view part) {
  text.push_back('"');
  for (const char c : part) {
    if (c == '"' || c == '\\') {
      text.push_back('\\');
      text.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(text), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      text.push_back(c);
    }
  }
  text.push_back('"');
}

void append_event(Text& text, const TimedInstruction& timed) {
  const InstructionLabel& label = *timed.label;
  const auto out = std::back_inserter(text);
  append(text, "{\"ph\":\"X\",\"name\":");
  append_quoted(text, fmt::format("{}{}", label.copies ? "copy of " : "", label.operation->name));
  fmt::format_to(out, ",\"cat\":\"{}\",\"pid\":1,\"tid\":{},\"ts\":{:.3f},\"dur\":{:.3f}",
                 label.gradient ? "gradient" : "forward", timed.thread, timed.begin * 1e6,
                 (timed.end - timed.begin) * 1e6);
  fmt::format_to(out, ",\"args\":{{\"node\":{},\"nodes\":{},\"shape\":\"{}\",\"dtype\":\"{}\"",
                 label.node, label.count, label.type->shape.to_string(),
                 name_of(label.type->dtype));
  if (label.gradient_of != no_node) fmt::format_to(out, ",\"gradient_of\":{}", label.gradient_of);
  append(text, ",\"layer\":");
  append_quoted(text, label.path);
  append(text, ",\"line\":");
  append_quoted(text, fmt::format("{}:{}", label.line.file, label.line.line));
  append(text, "}}");
}

}  // namespace

// The format: "Trace Event Format", Google, 2016. Events of one thread may come in any order.
void write_chrome_trace(std::ostream& out, Tape& tape) {
  if (!tape.options().profile)
    throw TapeError(
        "write_chrome_trace: no times were kept: make the tape with TapeOptions::profile");
  const auto& times = tape.runner().times();
  Text text;
  append(text,
         "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n{\"ph\":\"M\",\"name\":\"process_name\","
         "\"pid\":1,\"args\":{\"name\":"
         "\"tapegrad\"}}");
  std::set<std::uint32_t> threads;
  for (const TimedInstruction& timed : times) threads.insert(timed.thread);
  for (const std::uint32_t thread : threads) {
    fmt::format_to(std::back_inserter(text),
                   ",\n{{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":1,\"tid\":{0},\"args\":{{"
                   "\"name\":\"thread {0}\"}}}}",
                   thread);
  }
  for (const TimedInstruction& timed : times) {
    append(text, ",\n");
    append_event(text, timed);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    text.clear();
  }
  append(text, "\n]}\n");
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
}

}  // namespace tapegrad
