#include <tapegrad/apps/tables/table_row.h>

#include <utility>

#include <fmt/format.h>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/tables/deepfm.h>
#include <tapegrad/apps/tables/wide_deep.h>

namespace tapegrad::apps {
namespace {

namespace options = classifier_options;

using Network = std::unique_ptr<TableNetwork>;

TableMlpOptions mlp_options(const ModelSettings& settings) {
  return {.embedding = settings.whole(options::embedding),
          .hidden = settings.widths(options::hidden),
          .dropout = settings.number(options::dropout)};
}

template <class Made>
Network make(const ModelSettings& settings, const Scope& scope, const TableInputs& shape,
             Index outputs) {
  return std::make_unique<Made>(scope, shape, outputs, mlp_options(settings));
}

std::vector<OptionDefault> field_defaults(std::string_view scale) {
  return {{&options::scale, scale, {}, {"piecewise-linear", "standard", "quantile"}},
          {&options::bins, "32", {}, {"16", "32", "64"}},
          {&options::min_count, "2", {}, {"2", "5", "10"}},
          {&options::hash_above, "50000"}};
}

TableRow network(std::string_view name, std::string_view summary, std::string_view embedding,
                 decltype(TableRow::make) make) {
  TableRow row;
  row.name = name;
  row.summary = summary;
  row.options = field_defaults("piecewise-linear");
  row.neural = true;
  row.loop = {.max_epochs = 60,
              .patience = 6,
              .learning_rate = 0.001,
              .final_rate = 0.1,
              .weight_decay = 0.1,
              .clip_norm = 1.0,
              .average_decay = 0.99};
  row.tuned_loop = {{"learning-rate", {"0.0003", "0.001", "0.003"}},
                    {"weight-decay", {"0.01", "0.1", "1"}}};
  row.make = make;
  row.options.push_back({&options::embedding, embedding, {}, {"4", "8", "16"}});
  row.options.push_back({&options::hidden, "128-64", {}, {"64-32", "128-64", "256-128"}});
  row.options.push_back({&options::dropout, "0.3", {}, {"0.1", "0.3", "0.5"}});
  row.options.push_back({&options::batch, "64", {}, {"32", "64", "128"}});
  row.options.push_back({&options::loss, "cross-entropy"});
  row.options.push_back({&options::huber_delta, "1"});
  row.options.push_back({&options::label_smoothing, "0", {}, {"0", "0.02", "0.05"}});
  return row;
}

TableRow logistic_regression() {
  TableRow row;
  row.name = "logistic-regression";
  row.summary = "logistic regression on scaled numbers and one-hot categories";
  row.options = field_defaults("standard");
  row.options.push_back(
      {&options::cost, "auto", {"0.003", "0.01", "0.03", "0.1", "0.3", "1", "3"}});
  return row;
}

TableRow ridge() {
  TableRow row;
  row.name = "ridge";
  row.summary = "ridge regression on scaled numbers and one-hot categories, which predicts numbers";
  row.options = field_defaults("standard");
  row.options.push_back({&options::cost, "auto", {"0.0001", "0.001", "0.01", "0.1", "1", "10"}});
  row.only_numbers = true;
  return row;
}

}  // namespace

const std::vector<TableRow>& table_rows() {
  static const std::vector<TableRow> rows = {
      network("mlp", "a multilayer perceptron over the columns", "8", make<TableMlp>),
      network("wide-deep", "a linear model and a multilayer perceptron together", "8",
              make<WideDeep>),
      network("deepfm", "a factorisation machine and a multilayer perceptron with the same vectors",
              "8", make<DeepFm>),
      logistic_regression(), ridge()};
  return rows;
}

const TableRow& table_row(const std::string& name) { return row_named(table_rows(), name); }

void check_settings(const TableRow& row, const ModelSettings& settings) {
  if (row.name == "deepfm" && settings.whole(options::embedding) == 0)
    throw OptionError("--embedding must be 1 or more with model deepfm, got 0");
  if (!row.is_neural()) return;
  const std::string& loss = settings.text(options::loss);
  if (loss != "cross-entropy" && settings.number(options::label_smoothing) > 0.0)
    throw OptionError(
        fmt::format("--label-smoothing has no effect with --loss {}, which has no classes", loss));
  if (loss != "huber" && settings.number(options::huber_delta) != 1.0)
    throw OptionError(fmt::format("--huber-delta has no effect with --loss {}", loss));
}

FieldOptions field_options(const ModelSettings& settings) {
  const std::string& scale = settings.text(options::scale);
  return {.scale = scale == "standard"   ? NumberScale::standard
                   : scale == "min-max"  ? NumberScale::min_max
                   : scale == "quantile" ? NumberScale::quantile
                                         : NumberScale::piecewise_linear,
          .bins = settings.whole(options::bins),
          .min_count = settings.whole(options::min_count),
          .hash_above = settings.whole(options::hash_above)};
}

}  // namespace tapegrad::apps
