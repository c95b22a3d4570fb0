// Defaults of networks of sequences that depend on the data.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <tapegrad/apps/models/registry_rows.h>
#include <tapegrad/apps/models/sequence_defaults.h>

namespace {

using namespace tapegrad::apps;
using tapegrad::Index;

Sessions sessions_of(Index count, Index length, Index items) {
  Sessions sessions;
  for (Index item = 0; item < items; ++item) sessions.items.insert(std::to_string(item));
  const std::vector<std::int32_t> events(static_cast<std::size_t>(length), 0);
  for (Index s = 0; s < count; ++s) sessions.add(std::to_string(s), {.items = events});
  return sessions;
}

std::string value(const std::string& model, const Sessions& sessions, const ModelOption& option) {
  const SequenceRow& row = sequence_row(model);
  return decided(row, default_settings(row), sessions).text(option);
}

}  // namespace

TEST_CASE("lengths, batches and losses follow the data, unless they are given") {
  namespace names = sequence_options;
  const Sessions few = sessions_of(50, 5, 20), longer = sessions_of(2600, 90, 20),
                 many = sessions_of(130'000, 5, 20'001);
  CHECK(value("sasrec", few, names::length) == "50");
  CHECK(value("sasrec", longer, names::length) == "100");
  CHECK(value("sasrec", sessions_of(20, 150, 5), names::length) == "200");
  CHECK(value("sasrec", sessions_of(20, 1500, 5), names::length) == "200");
  // A window a session; 130 updates of an epoch.
  CHECK(value("sasrec", longer, names::batch) == "20");
  CHECK(value("sasrec", few, names::batch) == "16");
  CHECK(value("sasrec", many, names::batch) == "163");  // of 50 places and 2,048 negatives
  CHECK(value("sasrec", sessions_of(130'000, 5, 20), names::batch) == "512");
  CHECK(value("gru", few, names::batch) == "32");
  CHECK(value("gru", longer, names::batch) == "64");
  CHECK(value("gru", many, names::batch) == "128");
  CHECK(value("sasrec", few, names::dropout) == "0.3");
  CHECK(value("sasrec", many, names::dropout) == "0.2");
  CHECK(value("gru", many, names::dropout) == "0.5");
  CHECK(value("gru", few, names::loss) == "softmax");
  CHECK(value("gru", many, names::loss) == "sampled-softmax");
  CHECK(value("gru", many, names::negatives) == "2048");
  const SequenceRow& row = sequence_row("sasrec");
  ModelSettings given = default_settings(row);
  given.set(names::length, "7");
  given.set(names::loss, "gbce");
  const ModelSettings kept = decided(row, given, many);
  CHECK(kept.text(names::length) == "7");
  CHECK(kept.text(names::loss) == "gbce");
  // Nothing is left open in any network.
  for (const SequenceRow& each : sequence_rows()) {
    if (!each.is_neural()) continue;
    const ModelSettings settings = decided(each, default_settings(each), few);
    for (const OptionDefault& known : each.options) CHECK(!settings.is_auto(*known.option));
  }
}
