#include <tapegrad/apps/models/sequence_options.h>

namespace tapegrad::apps::sequence_options {

using Kind = ModelOption::Kind;

const ModelOption width{.name = "width",
                        .kind = Kind::whole,
                        .least = 1,
                        .greatest = 4096,
                        .is_kept = true,
                        .help = "width of the vectors of items and of the states, from 1 to 4096"};
const ModelOption layers{.name = "layers",
                         .kind = Kind::whole,
                         .least = 1,
                         .greatest = 64,
                         .is_kept = true,
                         .help = "how many layers lie one on another, from 1 to 64"};
const ModelOption heads{
    .name = "heads",
    .kind = Kind::whole,
    .least = 1,
    .greatest = 64,
    .is_kept = true,
    .help = "how many attention heads a layer has, from 1 to 64; they must divide the width"};
const ModelOption length{
    .name = "length",
    .kind = Kind::whole,
    .least = 1,
    .greatest = 10000,
    .is_kept = true,
    .help = "how many of the last events of a history the model looks at, from 1 on"};
const ModelOption dropout{
    .name = "dropout",
    .kind = Kind::number,
    .least = 0.0,
    .greatest = 0.99,
    .is_kept = true,
    .help = "part of the hidden numbers that is dropped while training, from 0 to 0.99"};
const ModelOption loss{.name = "loss",
                       .kind = Kind::word,
                       .words = {"softmax", "bpr-max"},
                       .help =
                           "what is minimised: softmax (cross-entropy over all items) or bpr-max "
                           "(each item against sampled ones)"};
const ModelOption negatives{.name = "negatives",
                            .kind = Kind::whole,
                            .least = 1,
                            .greatest = 1 << 20,
                            .help =
                                "with the loss bpr-max, how many items are sampled for a batch, "
                                "from 1 on"};
const ModelOption regularisation{
    .name = "regularisation",
    .kind = Kind::number,
    .least = 0.0,
    .greatest = 1e6,
    .help = "with the loss bpr-max, weight of the squared scores of the sampled items, 0 or more"};
const ModelOption batch{.name = "batch",
                        .kind = Kind::whole,
                        .least = 1,
                        .greatest = 1 << 20,
                        .help = "how many sessions are trained on side by side, from 1 on"};
const ModelOption steps{.name = "steps",
                        .kind = Kind::whole,
                        .least = 1,
                        .greatest = 1000,
                        .help = "how many events of each session make one update, from 1 to 1000"};

const std::vector<const ModelOption*>& all() {
  static const std::vector<const ModelOption*> list = {
      &width, &layers,    &heads,          &length, &dropout,
      &loss,  &negatives, &regularisation, &batch,  &steps};
  return list;
}

}  // namespace tapegrad::apps::sequence_options
