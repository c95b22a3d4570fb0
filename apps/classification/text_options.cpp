// The options of models of texts.
#include <tapegrad/apps/classification/text_row.h>

namespace tapegrad::apps::text_options {

using Kind = ModelOption::Kind;

const ModelOption tokens{
    .name = "tokens",
    .kind = Kind::word,
    .words = {"words", "characters"},
    .is_kept = true,
    .help =
        "what a text is cut into: words by Unicode's rules (Chinese, Japanese and Thai by "
        "dictionary) or characters"};
const ModelOption min_count{
    .name = "min-count",
    .kind = Kind::whole,
    .least = 1,
    .greatest = 1 << 30,
    .is_kept = true,
    .help = "tokens that fewer texts of the training have count as unknown, from 1 on"};
const ModelOption ngrams{.name = "ngrams",
                         .kind = Kind::whole,
                         .least = 1,
                         .greatest = 8,
                         .is_kept = true,
                         .help = "runs of up to this many tokens count as tokens, too, from 1 on"};
const ModelOption subwords{
    .name = "subwords",
    .kind = Kind::word,
    .words = {"off", "on"},
    .is_kept = true,
    .help = "whether parts of words, of 3 to 5 characters, count as tokens, too: on or off"};
const ModelOption buckets{
    .name = "buckets",
    .kind = Kind::whole,
    .least = 1,
    .greatest = 1 << 26,
    .is_kept = true,
    .help = "how many vectors n-grams and parts of words share by their hashes, from 1 on"};
const ModelOption length{
    .name = "length",
    .kind = Kind::whole,
    .least = 1,
    .greatest = 1 << 20,
    .is_kept = true,
    .help = "how many tokens of a text are looked at, from its beginning, from 1 on"};
const ModelOption embedding{.name = "embedding",
                            .kind = Kind::whole,
                            .least = 1,
                            .greatest = 4096,
                            .is_kept = true,
                            .help = "width of the vectors of tokens, from 1 to 4096"};
const ModelOption width{
    .name = "width",
    .kind = Kind::whole,
    .least = 1,
    .greatest = 4096,
    .is_kept = true,
    .help =
        "width of what the layers make of a text: of a bag's vectors, of the states of each "
        "direction, of the filters of each kernel; from 1 to 4096"};
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
const ModelOption kernels{
    .name = "kernels",
    .kind = Kind::widths,
    .least = 1,
    .greatest = 64,
    .is_kept = true,
    .help = "how many tokens the kernels of convolutions look at, such as 3-4-5"};
const ModelOption input_dropout{
    .name = "input-dropout",
    .kind = Kind::number,
    .least = 0.0,
    .greatest = 0.99,
    .is_kept = true,
    .help =
        "part of the numbers of tokens' vectors, or of a bag's tokens, that is dropped while "
        "training, from 0 to 0.99"};
const ModelOption dropout{
    .name = "dropout",
    .kind = Kind::number,
    .least = 0.0,
    .greatest = 0.99,
    .is_kept = true,
    .help = "part of the hidden numbers that is dropped while training, from 0 to 0.99"};
const ModelOption cost{
    .name = "cost",
    .kind = Kind::number,
    .least = 1e-6,
    .greatest = 1e6,
    .can_be_auto = true,
    .help =
        "weight of the losses beside the squared weights (C of LIBLINEAR); auto: the best on the "
        "validation part"};
const ModelOption smoothing{
    .name = "smoothing",
    .kind = Kind::number,
    .least = 1e-9,
    .greatest = 1e6,
    .can_be_auto = true,
    .help = "what naive Bayes adds to each count; auto: the best on the validation part"};
const ModelOption batch{.name = "batch",
                        .kind = Kind::whole,
                        .least = 1,
                        .greatest = 1 << 20,
                        .help = "how many examples make one update, from 1 on"};
const ModelOption label_smoothing{
    .name = "label-smoothing",
    .kind = Kind::number,
    .least = 0.0,
    .greatest = 0.99,
    .help =
        "the part of each label that is spread over all classes while training, from 0 to 0.99"};

const std::vector<const ModelOption*>& all() {
  static const std::vector<const ModelOption*> list = {
      &tokens,        &min_count, &ngrams,    &subwords, &buckets,        &length,
      &embedding,     &width,     &layers,    &heads,    &kernels,        &dropout,
      &input_dropout, &cost,      &smoothing, &batch,    &label_smoothing};
  return list;
}

}  // namespace tapegrad::apps::text_options
