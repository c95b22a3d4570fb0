// The options of classifiers.
#include <tapegrad/apps/classification/classifier_row.h>
#include <tapegrad/apps/models/sequence_options.h>

namespace tapegrad::apps::classifier_options {

using Kind = ModelOption::Kind;

const ModelOption tokens{
    .name = "tokens",
    .kind = Kind::word,
    .words = {"words", "byte-pairs", "characters"},
    .is_kept = true,
    .help =
        "what a text is cut into: words by Unicode's rules (Chinese, Japanese and Thai by "
        "dictionary), their pieces by byte-pair encoding (byte-pairs) or characters"};
const ModelOption merges{
    .name = "merges",
    .kind = Kind::whole,
    .least = 1,
    .greatest = 1 << 20,
    .is_kept = true,
    .help =
        "with tokens byte-pairs, how many pairs of pieces are learnt from the training, at most"};
const ModelOption min_count{
    .name = "min-count",
    .kind = Kind::whole,
    .least = 1,
    .greatest = 1 << 30,
    .is_kept = true,
    .help =
        "tokens of texts that fewer texts of the training have, and words of categories that come "
        "fewer times there, count as unknown, from 1 on"};
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
const ModelOption scale{
    .name = "scale",
    .kind = Kind::word,
    .words = {"piecewise-linear", "standard", "min-max", "quantile"},
    .is_kept = true,
    .help =
        "how numbers are written, by what the training has: piecewise-linear (a number for each "
        "bin between quantiles), standard (mean 0, deviation 1), min-max (0 to 1) or quantile (the "
        "part of the training below)"};
const ModelOption bins{.name = "bins",
                       .kind = Kind::whole,
                       .least = 1,
                       .greatest = 10000,
                       .is_kept = true,
                       .help = "with scale piecewise-linear, how many bins a number has at most"};
const ModelOption hash_above{
    .name = "hash-above",
    .kind = Kind::whole,
    .least = 1,
    .greatest = 1 << 26,
    .is_kept = true,
    .help =
        "the words of a category with more than this many share this many places by their hashes"};
const ModelOption embedding{
    .name = "embedding",
    .kind = Kind::whole,
    .least = 0,
    .greatest = 4096,
    .is_kept = true,
    .help =
        "width of the vectors of tokens, from 1 to 4096, or of columns, from 0 on; 0 (of mlp and "
        "wide-deep): scaled numbers and one-hot categories go into the first layer"};
const ModelOption width{
    .name = "width",
    .kind = Kind::whole,
    .least = 1,
    .greatest = 4096,
    .is_kept = true,
    .help =
        "width of what the layers make of a text: of a bag's vectors, of the states of each "
        "direction, of the filters of each kernel; of cnn over pictures, width of its hidden "
        "layer; "
        "from 1 to 4096"};
const ModelOption kernels{
    .name = "kernels",
    .kind = Kind::widths,
    .least = 1,
    .greatest = 64,
    .is_kept = true,
    .help = "how many tokens the kernels of convolutions look at, such as 3-4-5"};
const ModelOption filters{
    .name = "filters",
    .kind = Kind::widths,
    .least = 1,
    .greatest = 4096,
    .is_kept = true,
    .help =
        "how many filters the convolutions over pictures have, by layer or stage, such as 32-64"};
const ModelOption blocks{.name = "blocks",
                         .kind = Kind::whole,
                         .least = 1,
                         .greatest = 100,
                         .is_kept = true,
                         .help = "how many residual blocks a stage has, from 1 on"};
const ModelOption hidden{.name = "hidden",
                         .kind = Kind::widths,
                         .least = 1,
                         .greatest = 16384,
                         .is_kept = true,
                         .help = "widths of the layers between, such as 64-32 or 10-5"};
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
const ModelOption flip{
    .name = "flip",
    .kind = Kind::word,
    .words = {"off", "on"},
    .is_kept = true,
    .help =
        "on: half of the pictures are mirrored while training, and predictions are the mean of a "
        "picture's and of its mirror image's; off: left and right differ, as in writing"};
const ModelOption shift{
    .name = "shift",
    .kind = Kind::whole,
    .least = 0,
    .greatest = 1024,
    .help = "by how many pixels pictures are moved at most while training, from 0 on"};
const ModelOption crop{
    .name = "crop",
    .kind = Kind::number,
    .least = 0.0,
    .greatest = 0.9,
    .help =
        "the largest part of a picture's sides that is cut off at random while training, before "
        "the rest is stretched to the size, from 0 to 0.9"};
const ModelOption erase{
    .name = "erase",
    .kind = Kind::number,
    .least = 0.0,
    .greatest = 1.0,
    .help = "the part of the pictures that lose a random rectangle while training, from 0 to 1"};
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
                        .can_be_auto = true,
                        .help =
                            "how many examples make one update, from 1 on; auto (of train): the "
                            "size that loses least on the validation part in the same time"};
const ModelOption loss{
    .name = "loss",
    .kind = Kind::word,
    .words = {"cross-entropy", "mse", "huber"},
    .help =
        "what is minimised: cross-entropy, where labels are classes, and where they are numbers to "
        "predict mse (the mean squared error) or huber (large errors count linearly)"};
const ModelOption huber_delta{
    .name = "huber-delta",
    .kind = Kind::number,
    .least = 1e-6,
    .greatest = 1e6,
    .help =
        "with loss huber, the error from which on it counts linearly, in standard deviations of "
        "the labels"};
const ModelOption label_smoothing{
    .name = "label-smoothing",
    .kind = Kind::number,
    .least = 0.0,
    .greatest = 0.99,
    .help =
        "the part of each label that is spread over all classes while training, from 0 to 0.99"};

const std::vector<const ModelOption*>& all() {
  static const std::vector<const ModelOption*> list = {&tokens,
                                                       &merges,
                                                       &min_count,
                                                       &ngrams,
                                                       &subwords,
                                                       &buckets,
                                                       &length,
                                                       &scale,
                                                       &bins,
                                                       &hash_above,
                                                       &embedding,
                                                       &width,
                                                       &sequence_options::layers,
                                                       &sequence_options::heads,
                                                       &kernels,
                                                       &filters,
                                                       &blocks,
                                                       &hidden,
                                                       &input_dropout,
                                                       &dropout,
                                                       &flip,
                                                       &shift,
                                                       &crop,
                                                       &erase,
                                                       &cost,
                                                       &smoothing,
                                                       &batch,
                                                       &loss,
                                                       &huber_delta,
                                                       &label_smoothing};
  return list;
}

}  // namespace tapegrad::apps::classifier_options

namespace tapegrad::apps {

bool predicts_numbers(const ClassifierRow& row, const ModelSettings& settings) {
  return row.only_numbers || (settings.has(classifier_options::loss) &&
                              settings.text(classifier_options::loss) != "cross-entropy");
}

}  // namespace tapegrad::apps
