#include <tapegrad/graph/called_as.h>

#include <exception>

namespace tapegrad {

CalledAs::CalledAs(Tape& tape, std::string_view name)
    : tape_(tape),
      outermost_(!tape.is_calling()),
      exceptions_(std::uncaught_exceptions()),
      recording_for_(tape.recording_for()),
      mark_(tape.mark()) {
  if (outermost_) tape.calls_.push_back({mark_.nodes, no_node, name});
}

CalledAs::~CalledAs() {
  if (!outermost_) return;
  tape_.calls_.back().end = tape_.structure().count();
  if (std::uncaught_exceptions() == exceptions_) return;
  tape_.record_for(recording_for_);
  tape_.truncate(mark_);
}

}  // namespace tapegrad
