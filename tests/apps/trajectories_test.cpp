// What sessions have in common, against counting in a few lines, and the command.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tapegrad/apps/data/errors.h>
#include <tapegrad/apps/trajectories/trajectory_page.h>
#include <tapegrad/apps/trajectories/trajectory_report.h>
#include <tapegrad/graph/random.h>

#include "sequence_files.h"

namespace {

using namespace tapegrad::apps;
using tapegrad::Index;

Sessions read(const std::string& text, bool histories = false) {
  const TestFiles folder;
  return read_sessions(folder.write("events.csv", text), {}, histories, nullptr);
}

// Three sessions on their way to a purchase, the events of the second out of order.
const std::string shop =
    "session,item,time,type\n"
    "1,a,0,view\n1,a,10,cart\n1,a,40,purchase\n"
    "2,b,100,purchase\n2,b,110,view\n2,c,120,cart\n"
    "3,a,200,view\n3,b,230,view\n";

}  // namespace

TEST_CASE("a funnel counts who comes to a stage after the stage before, and how long it takes") {
  const Trajectories found = analyse(read(shop), {});
  REQUIRE(found.funnel.size() == 3);
  CHECK(found.funnel[0].sessions == 3);
  CHECK(found.funnel[1].sessions == 2);
  CHECK(found.funnel[1].since.median == 10.0);
  CHECK(found.funnel[2].sessions == 1);  // the purchase of the second came before its view
  CHECK(found.funnel[2].since.median == 30.0);
  CHECK(found.funnel[2].of_first == doctest::Approx(1.0 / 3.0));
  CHECK(found.funnel[2].of_before == 0.5);
  const Trajectories short_way = analyse(read(shop), {.funnel = {"view", "purchase"}});
  CHECK(short_way.funnel.size() == 2);
  CHECK(short_way.funnel[1].sessions == 1);
  CHECK(message_of([&] {
          analyse(read(shop), {.funnel = {"view", "dream"}});
        }) ==
        "--funnel: no event is of type \"dream\"; there are \"view\", \"cart\", \"purchase\"");
  CHECK(analyse(read("session,item\n1,a\n1,b\n"), {}).funnel.empty());
}

TEST_CASE("transitions, edges, lengths and durations are worked out by hand") {
  const Trajectories found = analyse(read(shop), {});
  const Sessions& sessions = found.sessions;
  const auto share = [&](const std::vector<Transition>& list, const IdMap& ids,
                         const std::string& from, const std::string& to) {
    for (const Transition& one : list) {
      if (state_name(ids, one.from, false) == from && state_name(ids, one.to, true) == to)
        return one.share;
    }
    return 0.0;
  };
  CHECK(share(found.type_transitions, sessions.type_ids, "view", "cart") == 0.5);
  CHECK(share(found.type_transitions, sessions.type_ids, "view", "(end)") == 0.25);
  CHECK(share(found.type_transitions, sessions.type_ids, "(begin)", "view") ==
        doctest::Approx(2.0 / 3.0));
  CHECK(share(found.item_transitions, sessions.items, "a", "a") == 0.5);
  CHECK(found.lengths.mean == doctest::Approx(8.0 / 3.0));
  CHECK(found.length_counts == std::vector<Index>{0, 1, 2});
  CHECK(found.durations.largest == 40.0);
  REQUIRE(found.entries.size() == 2);
  CHECK(sessions.items.name(found.entries[0].item) == "a");
  CHECK(found.entries[0].sessions == 2);
  CHECK(found.entries[0].of_own == 0.5);
  CHECK(sessions.items.name(found.exits[2].item) == "c");
  for (std::size_t place = 0, length = 1; place < 12; ++place) {
    const std::string range = length_range(place);
    CHECK(range.starts_with(std::to_string(length)));
    length = place < 4 ? length + 1 : std::stoul(range.substr(range.find(" to ") + 4)) + 1;
  }
}

TEST_CASE("frequent paths are those that counting every path finds") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    tapegrad::Random random(seed);
    std::vector<std::vector<std::int32_t>> sessions(30);
    for (auto& session : sessions) {
      session.resize(static_cast<std::size_t>(random.below(9)));
      for (std::int32_t& state : session) state = static_cast<std::int32_t>(random.below(4));
    }
    std::map<std::vector<std::int32_t>, Index> counts;
    for (const auto& session : sessions) {
      std::set<std::vector<std::int32_t>> own;
      for (std::size_t i = 0; i < session.size(); ++i) {
        for (std::size_t length = 1; length <= 4 && i + length <= session.size(); ++length)
          own.insert({session.begin() + static_cast<Index>(i),
                      session.begin() + static_cast<Index>(i + length)});
      }
      for (const auto& path : own) ++counts[path];
    }
    const auto found = frequent_paths(sessions, 4, 3);
    std::size_t expected = 0;
    for (const auto& [path, count] : counts) expected += path.size() >= 2 && count >= 3 ? 1 : 0;
    CHECK(found.size() == expected);
    Index before = 1000;
    for (const FrequentPath& one : found) {
      CHECK(one.sessions == counts[one.states]);
      CHECK(one.sessions <= before);
      before = one.sessions;
      double independent = 1.0;
      for (const std::int32_t state : std::set(one.states.begin(), one.states.end()))
        independent *= static_cast<double>(counts[{state}]) / 30.0;
      CHECK(one.lift == doctest::Approx(static_cast<double>(one.sessions) / 30.0 / independent));
    }
  }
}

TEST_CASE("what is bought again is found in whole histories, which are then cut") {
  const std::string text =
      "user,item,time,type\nu,a,0,purchase\nu,a,50,view\nu,b,60,purchase\nu,a,1000,purchase\n"
      "v,a,10,purchase\n";
  const Trajectories found = analyse(read(text, true), {.gap = 100.0});
  CHECK(found.sessions.count() == 3);
  CHECK(found.repeated == 1);  // views are no purchases
  CHECK(found.repeats.median == 1000.0);
  CHECK(analyse(read("1 a\n1 b\n1 a\n", true), {}).repeated == 1);
}

TEST_CASE("tg-sequence analyze prints, and writes tables and a page, whatever the ids are") {
  using namespace sequence_files;
  const TestFiles folder;
  const std::string data = shell_quoted(folder.write(
      "shop.csv",
      shop + "4,\"<b> & \"\"x\"\", \xff\",300,view\n4,\"<b> & \"\"x\"\", \xff\",310,view\n"));
  const std::string page = folder.path("page.html"), tables = folder.path("tables");
  const Outcome text = run("analyze --quiet --data " + data + " --html " + shell_quoted(page) +
                           " --csv " + shell_quoted(tables));
  REQUIRE_MESSAGE(text.code == 0, text.text);
  CHECK(text.text.find("4 sessions, 10 events, 4 items") != std::string::npos);
  CHECK(text.text.find("drop off before, median 10 s later") != std::string::npos);
  const std::string html = sequence_files::read(page);
  CHECK(html.find("<b>") == std::string::npos);
  CHECK(html.find("&lt;b> &amp; &quot;x&quot;") != std::string::npos);
  CHECK(html.ends_with("</html>\n"));
  CHECK(sequence_files::read(tables + "/funnel.csv") ==
        "type,sessions,of_first,of_before,median_seconds_since\nview,4,1,1,\ncart,2,0.5,0.5,10\n"
        "purchase,1,0.25,0.5,30\n");
  const Outcome json = run("analyze --quiet --json --data " + data);
  const auto object = nlohmann::json::parse(last_line(json.text));
  CHECK(object["funnel"][2]["sessions"] == 1);
  CHECK(object["paths"].is_array());
  const std::string lines = shell_quoted(folder.write("lines.txt", "a b c\nb c\n\n"));
  const Outcome of_lines = run("analyze --format lines --data " + lines);
  CHECK(of_lines.text.find("b > c") != std::string::npos);
  CHECK(run("analyze").code == 2);
  CHECK(run("analyze --data " + lines + " --format lines --session-gap 30m").code == 2);
  CHECK(run("analyze --data " + data + " --funnel view,dream").code == 2);
  CHECK(run("analyze --data " + data + " --csv /proc/nothing").code == 1);
  CHECK(run("analyze --data " + data + " --session-gap 30m --columns user=session --top 0").code ==
        2);
}
