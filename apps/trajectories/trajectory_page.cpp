#include <tapegrad/apps/trajectories/trajectory_page.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tapegrad/apps/data/xml_text.h>
#include <tapegrad/apps/trajectories/trajectory_report.h>

namespace tapegrad::apps {
namespace {

constexpr const char* style =
    "body{font-family:sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;margin:.5em 0}td,th{padding:.2em .8em;text-align:left;"
    "border-bottom:1px solid #ddd}td.n,th.n{text-align:right}h2{margin-top:2em}";

// A bar for each of some amounts, with a name before it and what it says behind.
struct Bar {
  std::string name, says;
  double amount = 0.0;
};

std::string bars(const std::vector<Bar>& all) {
  constexpr double row = 24.0, names = 180.0, longest = 420.0, width = 860.0;
  double most = 0.0;
  for (const Bar& bar : all) most = std::max(most, bar.amount);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100%\" viewBox=\"0 0 {} {}\" "
      "font-size=\"13\" role=\"img\">\n",
      width, row * static_cast<double>(all.size()));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double top = row * static_cast<double>(i);
    const double length = most > 0.0 ? longest * all[i].amount / most : 0.0;
    svg += fmt::format(
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>"
        "<rect x=\"{}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" fill=\"#4a78b5\"/>"
        "<text x=\"{:.1f}\" y=\"{}\">{}</text>\n",
        names - 8.0, top + 16.0, xml_text(all[i].name), names, top + 3.0, length, row - 6.0,
        names + length + 6.0, top + 16.0, xml_text(all[i].says));
  }
  return svg + "</svg>\n";
}

// Shares of the transitions from each state to each, the more the darker.
std::string heat_map(const Trajectories& found) {
  const IdMap& ids = found.sessions.type_ids;
  const auto count = static_cast<std::int32_t>(std::min<Index>(ids.size(), 12));
  std::map<std::pair<std::int32_t, std::int32_t>, double> shares;
  for (const Transition& one : found.type_transitions) shares[{one.from, one.to}] = one.share;
  constexpr double cell = 60.0, names = 130.0;
  const double side = names + cell * (count + 1);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" viewBox=\"0 0 {0} {0}\" "
      "font-size=\"12\" role=\"img\">\n",
      side);
  // The last row is the beginning of a session, the last column its end.
  const auto state = [&](std::int32_t place) {
    return place == count ? Transition::outside : place;
  };
  for (std::int32_t from = 0; from <= count; ++from) {
    const double top = names + cell * from;
    svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", names - 6.0,
                       top + cell / 2.0, xml_text(state_name(ids, state(from), false)));
    svg += fmt::format("<text x=\"{0}\" y=\"{1}\" transform=\"rotate(-45 {0} {1})\">{2}</text>\n",
                       names + cell * from + cell / 2.0, names - 6.0,
                       xml_text(state_name(ids, state(from), true)));
    for (std::int32_t to = 0; to <= count; ++to) {
      const auto one = shares.find({state(from), state(to)});
      const double share = one == shares.end() ? 0.0 : one->second;
      svg += fmt::format(
          "<rect x=\"{0}\" y=\"{1}\" width=\"{2}\" height=\"{2}\" fill=\"#4a78b5\" "
          "fill-opacity=\"{3:.3f}\" stroke=\"#ddd\"/>"
          "<text x=\"{4}\" y=\"{5}\" text-anchor=\"middle\">{6:.0f} %</text>\n",
          names + cell * to, top, cell, share, names + cell * to + cell / 2.0,
          top + cell / 2.0 + 4.0, 100.0 * share);
    }
  }
  return svg + "</svg>\n";
}

using Rows = std::vector<std::vector<std::string>>;

// Numbers stand from the second column on, on the right.
std::string table(const std::vector<std::string>& heads, const Rows& rows) {
  std::string html = "<table><tr>";
  for (std::size_t i = 0; i < heads.size(); ++i)
    html += fmt::format("<th{}>{}</th>", i > 0 ? " class=\"n\"" : "", xml_text(heads[i]));
  html += "</tr>\n";
  for (const auto& row : rows) {
    html += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i)
      html += fmt::format("<td{}>{}</td>", i > 0 ? " class=\"n\"" : "", xml_text(row[i]));
    html += "</tr>\n";
  }
  return html + "</table>\n";
}

std::string percent(double part) { return fmt::format("{:.1f} %", 100.0 * part); }

std::string edges(const Trajectories& found, const std::vector<EdgeItem>& list, std::size_t most) {
  std::vector<Bar> all;
  for (std::size_t i = 0; i < std::min(most, list.size()); ++i)
    all.push_back({found.sessions.items.name(list[i].item),
                   fmt::format("{} ({})", list[i].sessions, percent(list[i].share)),
                   static_cast<double>(list[i].sessions)});
  return bars(all);
}

}  // namespace

std::string to_page(const Trajectories& found, const std::string& title, std::size_t most) {
  const Sessions& sessions = found.sessions;
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0}</title>"
      "<style>{1}</style></head><body>\n<h1>{0}</h1>\n<p>{2} sessions, {3} events, {4} items; a "
      "session has {5:.2f} events on the average, its median is {6:.0f}.</p>\n",
      xml_text(title), style, sessions.count(), sessions.events.size(), sessions.items.size(),
      found.lengths.mean, found.lengths.median);
  std::vector<Bar> all;
  for (std::size_t place = 0; place < found.length_counts.size(); ++place)
    all.push_back({length_range(place) + (place == 0 ? " event" : " events"),
                   std::to_string(found.length_counts[place]),
                   static_cast<double>(found.length_counts[place])});
  html += "<h2>Lengths of sessions</h2>\n" + bars(all);
  if (!found.funnel.empty()) {
    all.clear();
    for (std::size_t i = 0; i < found.funnel.size(); ++i) {
      const FunnelStage& stage = found.funnel[i];
      std::string says = fmt::format("{} ({})", stage.sessions, percent(stage.of_first));
      if (i > 0) says += fmt::format(", {} drop off before", percent(1.0 - stage.of_before));
      if (stage.since.count > 0)
        says += fmt::format(", median {} later", duration_text(stage.since.median));
      all.push_back(
          {sessions.type_ids.name(stage.type), says, static_cast<double>(stage.sessions)});
    }
    html += "<h2>Funnel</h2>\n" + bars(all);
  }
  if (!found.type_transitions.empty())
    html +=
        "<h2>What follows what</h2>\n<p>Of all events of the type on the left, the part that is "
        "followed by the type above.</p>\n" +
        heat_map(found);
  Rows rows;
  for (const Transition& one : found.item_transitions) {
    if (rows.size() == most) break;
    if (one.from == Transition::outside || one.to == Transition::outside) continue;
    rows.push_back({sessions.items.name(one.from) + " > " + sessions.items.name(one.to),
                    std::to_string(one.count), percent(one.share),
                    fmt::format("{:.2f}", one.lift)});
  }
  html += "<h2>Items that follow one another</h2>\n" +
          table({"from > to", "times", "of those from there", "lift"}, rows);
  rows.clear();
  for (const FrequentPath& path : found.paths) {
    if (rows.size() == most) break;
    rows.push_back({path_text(found, path), std::to_string(path.sessions), percent(path.support),
                    fmt::format("{:.1f}", path.lift)});
  }
  html += "<h2>Frequent paths</h2>\n" + table({"path", "sessions", "support", "lift"}, rows);
  html += "<h2>Sessions begin with</h2>\n" + edges(found, found.entries, most);
  html += "<h2>Sessions end with</h2>\n" + edges(found, found.exits, most);
  html += fmt::format("<h2>The same item again</h2>\n<p>{} times", found.repeated);
  if (found.repeats.count > 0)
    html +=
        fmt::format(": half between {} and {} later, median {}", duration_text(found.repeats.lower),
                    duration_text(found.repeats.upper), duration_text(found.repeats.median));
  return html + ".</p>\n</body></html>\n";
}

}  // namespace tapegrad::apps
