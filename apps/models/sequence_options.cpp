#include <tapegrad/apps/models/sequence_options.h>

#include <tapegrad/apps/models/next_item_loss.h>

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
const ModelOption length{.name = "length",
                         .kind = Kind::whole,
                         .least = 1,
                         .greatest = 10000,
                         .can_be_auto = true,
                         .is_kept = true,
                         .help =
                             "how many of the last events of a history the model looks at, from 1 "
                             "on; auto: by the lengths of the histories, 50 to 200"};
const ModelOption kernel{.name = "kernel",
                         .kind = Kind::whole,
                         .least = 1,
                         .greatest = 64,
                         .is_kept = true,
                         .help = "how many places a convolution looks at, from 1 to 64"};
const ModelOption dropout{.name = "dropout",
                          .kind = Kind::number,
                          .least = 0.0,
                          .greatest = 0.99,
                          .can_be_auto = true,
                          .is_kept = true,
                          .help =
                              "part of the hidden numbers that is dropped while training, from 0 "
                              "to 0.99; auto: 0.3, for many events 0.2"};
const ModelOption intervals{
    .name = "intervals",
    .kind = Kind::word,
    .words = {"off", "on"},
    .is_kept = true,
    .help =
        "whether the time since the event before is an input, where events have times: on or "
        "off"};
const ModelOption revisits{
    .name = "revisits",
    .kind = Kind::word,
    .words = {"off", "on"},
    .is_kept = true,
    .help = "whether how often its item came before is an input of each event: on or off"};
const ModelOption loss{
    .name = "loss",
    .kind = Kind::word,
    .words = next_item_losses(),
    .can_be_auto = true,
    .help =
        "what is minimised: softmax (cross-entropy over all items), sampled-softmax (over "
        "sampled ones that a batch shares), bce (binary cross-entropy against one sampled "
        "item), gbce (against those that a batch shares, calibrated, as in gSASRec) or bpr-max "
        "(as in GRU4Rec); auto: softmax, for more than 20,000 items sampled-softmax"};
const ModelOption negatives{
    .name = "negatives",
    .kind = Kind::whole,
    .least = 1,
    .greatest = 1 << 20,
    .can_be_auto = true,
    .help =
        "with the losses sampled-softmax, gbce and bpr-max, how many items are sampled for a "
        "batch, from 1 on; auto: 512, for more than 20,000 items 2,048"};
const ModelOption sampling_exponent{
    .name = "sampling-exponent",
    .kind = Kind::number,
    .least = 0.0,
    .greatest = 2.0,
    .help =
        "with all losses but softmax, an item is sampled by its number of events to the power "
        "of this, from 0 (all alike) to 2"};
const ModelOption regularisation{
    .name = "regularisation",
    .kind = Kind::number,
    .least = 0.0,
    .greatest = 1e6,
    .help = "with the loss bpr-max, weight of the squared scores of the sampled items, 0 or more"};
const ModelOption calibration{
    .name = "calibration",
    .kind = Kind::number,
    .least = 0.0,
    .greatest = 1.0,
    .help =
        "with the loss gbce, how far the positive term is weakened to make up for the "
        "sampling, from 0 (not at all) to 1"};
const ModelOption batch{.name = "batch",
                        .kind = Kind::whole,
                        .least = 1,
                        .greatest = 1 << 20,
                        .can_be_auto = true,
                        .help =
                            "how many sessions, or parts of a text, are trained on side by side, "
                            "from 1 on; auto: by the number of events"};
const ModelOption steps{.name = "steps",
                        .kind = Kind::whole,
                        .least = 1,
                        .greatest = 1000,
                        .help =
                            "how many events of each session, or words of each part of a text, "
                            "make one update, from 1 to 1000"};

const ModelOption window{.name = "window",
                         .kind = Kind::number,
                         .least = 1e-3,
                         .greatest = 1e6,
                         .can_be_auto = true,
                         .is_kept = true,
                         .help = "how many days before the last event count, above 0"};
const ModelOption neighbours{.name = "neighbours",
                             .kind = Kind::whole,
                             .least = 1,
                             .greatest = 1 << 20,
                             .can_be_auto = true,
                             .is_kept = true,
                             .help = "how many of the nearest sessions count, from 1 on"};
const ModelOption sample{.name = "sample",
                         .kind = Kind::whole,
                         .least = 1,
                         .greatest = 1 << 30,
                         .can_be_auto = true,
                         .is_kept = true,
                         .help =
                             "among how many of the latest sessions with an item in common the "
                             "nearest are looked for, from 1 on"};
const ModelOption position_decay{
    .name = "position-decay",
    .kind = Kind::word,
    .words = {"same", "linear", "log", "hyperbolic", "quadratic"},
    .can_be_auto = true,
    .is_kept = true,
    .help =
        "how the items of a session weigh less towards its beginning where sessions are "
        "compared: same (not), linear, log, hyperbolic or quadratic"};
const ModelOption match_decay{
    .name = "match-decay",
    .kind = Kind::word,
    .words = {"same", "linear", "log", "hyperbolic", "quadratic"},
    .can_be_auto = true,
    .is_kept = true,
    .help =
        "how a near session weighs less the older the last item is that both have: same (not), "
        "linear, log, hyperbolic or quadratic"};
const ModelOption idf{.name = "idf",
                      .kind = Kind::number,
                      .least = 0.0,
                      .greatest = 1e6,
                      .can_be_auto = true,
                      .is_kept = true,
                      .help = "how much rare items are preferred, 0 or more"};
const ModelOption position_scale{
    .name = "position-scale",
    .kind = Kind::number,
    .least = 1e-3,
    .greatest = 1e6,
    .can_be_auto = true,
    .is_kept = true,
    .help =
        "after how many events an item of the session weighs 1/e where sessions are compared "
        "(λ₁ of STAN), above 0"};
const ModelOption recency_scale{
    .name = "recency-scale",
    .kind = Kind::number,
    .least = 1e-3,
    .greatest = 1e6,
    .can_be_auto = true,
    .is_kept = true,
    .help = "after how many days a near session weighs 1/e (λ₂ of STAN), above 0"};
const ModelOption neighbour_scale{
    .name = "neighbour-scale",
    .kind = Kind::number,
    .least = 1e-3,
    .greatest = 1e6,
    .can_be_auto = true,
    .is_kept = true,
    .help =
        "how many events from the last item that both sessions have an item of the near one "
        "weighs 1/e (λ₃ of STAN), above 0"};

const std::vector<const ModelOption*>& all() {
  static const std::vector<const ModelOption*> list = {&width,
                                                       &layers,
                                                       &heads,
                                                       &length,
                                                       &kernel,
                                                       &dropout,
                                                       &intervals,
                                                       &revisits,
                                                       &loss,
                                                       &negatives,
                                                       &sampling_exponent,
                                                       &regularisation,
                                                       &calibration,
                                                       &batch,
                                                       &steps,
                                                       &window,
                                                       &neighbours,
                                                       &sample,
                                                       &position_decay,
                                                       &match_decay,
                                                       &idf,
                                                       &position_scale,
                                                       &recency_scale,
                                                       &neighbour_scale};
  return list;
}

}  // namespace tapegrad::apps::sequence_options
