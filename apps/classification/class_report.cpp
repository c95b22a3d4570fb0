#include <tapegrad/apps/classification/class_report.h>

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/csv_field.h>
#include <tapegrad/apps/data/xml_text.h>
#include <tapegrad/apps/evaluation/binary.h>
#include <tapegrad/graph/printable.h>

namespace tapegrad::apps {
namespace {

std::size_t place(Index index) { return static_cast<std::size_t>(index); }

double ratio(Index part, Index all) {
  return all == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(all);
}

Index cell(const ClassReport& report, Index truth, Index predicted) {
  return report.confusion[place(truth * static_cast<Index>(report.classes.size()) + predicted)];
}

}  // namespace

ClassReport report_of(const Target& target, const ClassPredictions& predictions) {
  const Index classes = target.classes.size();
  ClassReport report;
  report.target = target.name;
  report.examples = predictions.count();
  for (Index c = 0; c < classes; ++c) report.classes.push_back(target.classes.name(c));
  report.confusion.assign(place(classes * classes), 0);
  const ClassPredictions known = known_of(predictions);
  report.unknown = predictions.count() - known.count();
  for (Index i = 0; i < known.count(); ++i)
    ++report.confusion[place(known.truth[place(i)] * classes + target.predicted(known.row(i)))];
  report.measures = measures_of(report.confusion, classes);
  report.measures.accuracy *= ratio(known.count(), report.examples);
  if (known.count() == 0) return report;
  report.log_loss = class_log_loss(known);
  report.calibration_error = class_calibration_error(known);
  report.is_binary = classes == 2;
  if (!report.is_binary) return report;
  const Binary second = second_class(known);
  report.auc = area_under_roc(second);
  report.auprc = average_precision(second);
  report.threshold = target.threshold;
  const Decision decision = decide(second, target.threshold);
  report.precision = decision.precision;
  report.recall = decision.recall;
  report.f1 = decision.f1;
  return report;
}

nlohmann::json to_json(const ClassReport& report) {
  nlohmann::json json = {{"target", report.target},
                         {"examples", report.examples},
                         {"unknown_class", report.unknown},
                         {"accuracy", report.measures.accuracy},
                         {"balanced_accuracy", report.measures.balanced_accuracy},
                         {"macro_f1", report.measures.macro_f1},
                         {"log_loss", report.log_loss},
                         {"calibration_error", report.calibration_error}};
  if (report.is_binary) {
    json["auc"] = report.auc;
    json["auprc"] = report.auprc;
    json["threshold"] = report.threshold;
    json["precision"] = report.precision;
    json["recall"] = report.recall;
    json["f1"] = report.f1;
  }
  const auto classes = static_cast<Index>(report.classes.size());
  const std::vector<ClassCounts> counts = class_counts(report.confusion, classes);
  for (Index c = 0; c < classes; ++c) {
    const ClassCounts& own = counts[place(c)];
    json["classes"].push_back({{"class", report.classes[place(c)]},
                               {"examples", own.examples},
                               {"predicted", own.predicted},
                               {"precision", ratio(own.hits, own.predicted)},
                               {"recall", ratio(own.hits, own.examples)}});
  }
  return json;
}

std::string to_text(const std::string& name, const ClassReport& report) {
  std::string text = fmt::format(
      "{}: accuracy {:.4f} balanced accuracy {:.4f} macro F1 {:.4f} log loss {:.4f} calibration "
      "error {:.4f}",
      name, report.measures.accuracy, report.measures.balanced_accuracy, report.measures.macro_f1,
      report.log_loss, report.calibration_error);
  if (report.is_binary)
    text += fmt::format(
        " AUC {:.4f} AUPRC {:.4f} precision {:.4f} recall {:.4f} (of {}, threshold {:.4f})",
        report.auc, report.auprc, report.precision, report.recall, in_quotes(report.classes[1]),
        report.threshold);
  text += fmt::format(" ({} examples of {} classes", report.examples, report.classes.size());
  if (report.unknown > 0)
    text += fmt::format("; {} of unknown classes count as misses", report.unknown);
  return text + ")\n";
}

std::string confusion_text(const ClassReport& report) {
  const auto classes = static_cast<Index>(report.classes.size());
  std::size_t width = 8;
  for (const std::string& name : report.classes) width = std::max(width, printable(name).size());
  const std::vector<ClassCounts> counts = class_counts(report.confusion, classes);
  std::string text = fmt::format(
      "{}: a line a class, a column for what its examples were taken for\n", report.target);
  text += fmt::format("{:>{}}", "", width);
  for (Index p = 0; p < classes; ++p) text += fmt::format(" {:>6}", p + 1);
  text += "  recall  precision\n";
  for (Index t = 0; t < classes; ++t) {
    const ClassCounts& own = counts[place(t)];
    text += fmt::format("{:>{}}", printable(report.classes[place(t)]), width);
    for (Index p = 0; p < classes; ++p) text += fmt::format(" {:>6}", cell(report, t, p));
    text += fmt::format("  {:.4f}     {:.4f}\n", ratio(own.hits, own.examples),
                        ratio(own.hits, own.predicted));
  }
  return text;
}

std::string confusion_csv(const ClassReport& report) {
  const auto classes = static_cast<Index>(report.classes.size());
  std::string csv = "class";
  for (const std::string& name : report.classes) csv += fmt::format(",{}", csv_field(name));
  csv += '\n';
  for (Index t = 0; t < classes; ++t) {
    csv += csv_field(report.classes[place(t)]);
    for (Index p = 0; p < classes; ++p) csv += fmt::format(",{}", cell(report, t, p));
    csv += '\n';
  }
  return csv;
}

std::string confusion_svg(const ClassReport& report) {
  const auto classes = static_cast<Index>(report.classes.size());
  const double each = classes <= 12 ? 44.0 : classes <= 40 ? 20.0 : 12.0;
  const double font = std::min(12.0, each * 0.7), left = 220.0, top = 60.0;
  const double side = each * static_cast<double>(classes);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" "
      "font-family=\"sans-serif\" font-size=\"{:.1f}\">\n<rect width=\"100%\" height=\"100%\" "
      "fill=\"white\"/>\n<text x=\"10\" y=\"24\" font-size=\"14\">{}: classes (rows) and what "
      "their examples were taken for (columns)</text>\n",
      left + side + 20.0, top + side + 20.0, font, xml_text(report.target));
  const std::vector<ClassCounts> counts = class_counts(report.confusion, classes);
  for (Index t = 0; t < classes; ++t) {
    const double y = top + each * static_cast<double>(t);
    svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{} {}</text>\n", left - 6.0,
                       y + 0.65 * each, t + 1, xml_text(report.classes[place(t)]));
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                       left + each * (static_cast<double>(t) + 0.5), top - 6.0, t + 1);
    for (Index p = 0; p < classes; ++p) {
      const Index count = cell(report, t, p);
      if (count == 0) continue;
      const double part = ratio(count, counts[place(t)].examples);
      const double x = left + each * static_cast<double>(p);
      svg += fmt::format(
          "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{}\" fill=\"{}\" "
          "fill-opacity=\"{:.3f}\"><title>{} taken for {}: {}</title></rect>\n",
          x, y, each, each, t == p ? "#2f7d4f" : "#b5482a", 0.15 + 0.85 * part,
          xml_text(report.classes[place(t)]), xml_text(report.classes[place(p)]), count);
      if (each > 30.0)
        svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n",
                           x + each / 2.0, y + 0.65 * each, count);
    }
  }
  return svg + "</svg>\n";
}

}  // namespace tapegrad::apps
