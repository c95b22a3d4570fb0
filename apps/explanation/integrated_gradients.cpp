#include <tapegrad/apps/explanation/integrated_gradients.h>

#include <vector>

#include <tapegrad/apps/explanation/path_integral.h>

namespace tapegrad::apps {

Explanation explain_by_gradients(const InteractionModel& model, const Subject& subject,
                                 std::int32_t item, int steps) {
  const std::vector<InputPart> parts = model.input_parts(subject, item);
  const auto score = [&](Tape& tape, const Tensor& strengths) {
    return model.logit_of_parts(tape, {parts, strengths});
  };
  return integrate_gradients(parts, score, steps);
}

}  // namespace tapegrad::apps
