#include <tapegrad/apps/images/image_row.h>

#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/images/image_cnn.h>
#include <tapegrad/apps/images/image_resnet.h>

namespace tapegrad::apps {
namespace {

namespace options = classifier_options;

using Network = std::unique_ptr<ImageNetwork>;

Network make_cnn(const ModelSettings& settings, const Scope& scope, const ImageShape& shape,
                 Index outputs) {
  return std::make_unique<ImageCnn>(scope, shape, outputs,
                                    ImageCnnOptions{.filters = settings.widths(options::filters),
                                                    .hidden = settings.whole(options::width),
                                                    .dropout = settings.number(options::dropout)});
}

Network make_resnet(const ModelSettings& settings, const Scope& scope, const ImageShape& shape,
                    Index outputs) {
  return std::make_unique<ImageResnet>(
      scope, shape, outputs,
      ImageResnetOptions{.filters = settings.widths(options::filters),
                         .blocks = settings.whole(options::blocks),
                         .dropout = settings.number(options::dropout)});
}

ImageRow network(std::string_view name, std::string_view summary, std::vector<OptionDefault> own,
                 std::string_view dropout, decltype(ImageRow::make) make) {
  ImageRow row;
  row.name = name;
  row.summary = summary;
  row.options = std::move(own);
  row.neural = true;
  row.loop = {.max_epochs = 30,
              .patience = 5,
              .learning_rate = 0.003,
              .final_rate = 0.01,
              .weight_decay = 0.05,
              .clip_norm = 1.0,
              .average_decay = 0.99};
  row.tuned_loop = {{"learning-rate", {"0.001", "0.003", "0.006"}},
                    {"weight-decay", {"0.01", "0.05", "0.2"}}};
  row.make = make;
  row.options.push_back({&options::dropout, dropout, {}, {"0", "0.2", "0.5"}});
  row.options.push_back({&options::flip, "on", {}, {"off", "on"}});
  row.options.push_back({&options::shift, "2", {}, {"0", "1", "2", "4"}});
  row.options.push_back({&options::crop, "0", {}, {"0", "0.1", "0.2"}});
  row.options.push_back({&options::erase, "0", {}, {"0", "0.25", "0.5"}});
  row.options.push_back({&options::batch, "64", {}, {"32", "64", "128"}});
  row.options.push_back({&options::label_smoothing, "0", {}, {"0", "0.05", "0.1"}});
  return row;
}

}  // namespace

const std::vector<ImageRow>& image_rows() {
  static const std::vector<ImageRow> rows = {
      network("cnn", "convolutions and pooling, then a hidden layer",
              {{&options::filters, "32-64", {}, {"16-32", "32-64", "32-64-128"}},
               {&options::width, "128", {}, {"64", "128", "256"}}},
              "0.5", make_cnn),
      network("resnet", "a small residual network with batch normalisation",
              {{&options::filters, "24-48-96", {}, {"16-32-64", "24-48-96", "32-64-128"}},
               {&options::blocks, "1", {}, {"1", "2"}}},
              "0", make_resnet)};
  return rows;
}

const ImageRow& image_row(const std::string& name) { return row_named(image_rows(), name); }

void check_settings(const ImageRow& row, const ModelSettings& settings) {
  if (find_option(row, options::blocks) != nullptr && settings.widths(options::filters).size() < 2)
    throw OptionError(
        fmt::format("--filters: model {} has a first layer and stages, such as 24-48-96, got {}",
                    row.name, settings.text(options::filters)));
}

Augmentation augmentation_of(const ModelSettings& settings) {
  return {.flips = looks_twice(settings),
          .shift = settings.whole(options::shift),
          .crop = settings.number(options::crop),
          .erase = settings.number(options::erase)};
}

bool looks_twice(const ModelSettings& settings) { return settings.text(options::flip) == "on"; }

}  // namespace tapegrad::apps
