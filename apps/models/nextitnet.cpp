#include <tapegrad/apps/models/nextitnet.h>

#include <string>
#include <utility>

#include <tapegrad/apps/models/padded_histories.h>

namespace tapegrad::apps {

NextItNet::NextItNet(const Scope& scope, const SequenceInputs& inputs,
                     const NextItNetOptions& options)
    : SequenceModel(scope, inputs, options.events), length_(options.length) {
  const Index width = options.events.width;
  for (Index i = 0; i < options.blocks; ++i) {
    const Scope block = scope / "blocks" / std::to_string(i);
    const Index dilation = i % 2 == 0 ? 1 : 4;
    blocks_.push_back(
        {.conv1 = nn::CausalConv1d(block / "conv1", width, width, options.kernel, dilation),
         .conv2 = nn::CausalConv1d(block / "conv2", width, width, options.kernel, 2 * dilation),
         .norm1 = nn::LayerNorm(block / "norm1", width),
         .norm2 = nn::LayerNorm(block / "norm2", width)});
  }
}

SequenceModel::Encoded NextItNet::encode(Tape& tape, std::span<const History> histories,
                                         const Tensor& strengths) const {
  // What comes after an event does not change its state, so padding there needs no mask.
  PaddedHistories padded = pad_histories(histories);
  Tensor x = reshape(embed(tape, padded.events, strengths), {padded.batch, padded.length, width()});
  for (const Block& block : blocks_)
    x = x + relu(block.norm2(block.conv2(relu(block.norm1(block.conv1(x))))));
  return {.states = reshape(x, {padded.batch * padded.length, width()}),
          .rows = std::move(padded.rows)};
}

namespace {

std::unique_ptr<SequenceModel> make(const ModelSettings& settings, const Scope& scope,
                                    const SequenceInputs& inputs) {
  return std::make_unique<NextItNet>(
      scope, inputs,
      NextItNetOptions{.events = event_options(settings),
                       .blocks = settings.whole(sequence_options::layers),
                       .kernel = settings.whole(sequence_options::kernel),
                       .length = settings.whole(sequence_options::length)});
}

}  // namespace

SequenceRow nextitnet_row() {
  return window_row(
      "nextitnet", "dilated causal convolutions over the last events of a history",
      {{&sequence_options::layers, "2", {}, {"2", "4"}}, {&sequence_options::kernel, "3"}}, make);
}

}  // namespace tapegrad::apps
