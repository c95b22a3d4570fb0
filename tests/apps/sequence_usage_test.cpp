// Wrong usage of tg-sequence and input that it cannot read.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "sequence_files.h"

namespace {

using namespace sequence_files;

}  // namespace

TEST_CASE("wrong usage and bad input of tg-sequence are one line and an exit code") {
  const Files files;
  const auto file = [&](const std::string& name, const std::string& text) {
    return shell_quoted(files.folder.write(name, text));
  };
  const std::string gru = "train --model gru" + files.sessions;
  const std::string head = "SessionId\tItemId\tTime\n";
  struct Case {
    std::string arguments;
    int code;
    std::string says;
  };
  const Case cases[] = {
      {"", 2,
       "a command is needed; there are train, tune, evaluate, predict, explain, generate and "
       "analyze"},
      {"guess", 2, "there is no command \"guess\""},
      {"train", 2, "model"},
      {"train --model oracle" + files.sessions, 2,
       "there is no model \"oracle\"; there are popularity, recent-popularity"},
      {"train --model gru --task chess" + files.sessions, 2, "there is no task \"chess\""},
      {"train --model gru --train " + files.train, 2,
       "task sessions needs --test, or --protocol none"},
      {gru + " --protocol loo", 2,
       "there is no protocol \"loo\"; there are sessions, temporal, none"},
      {gru + " --protocol none", 2, "--test has no effect with protocol none"},
      {gru + " --columns rating=3", 2, "--columns rating=3 has no effect without --min-rating"},
      {gru + " --test-query 'SELECT 1'", 2, "--test-query has no effect without a database"},
      {"train --model gru --task next-item --test-query 'SELECT 1' --data " + files.users, 2,
       "--test-query has no effect with task next-item"},
      {gru + " --columns user=1", 2,
       "--columns user=1 has no effect: the roles that are used are session, item, time, rating"},
      {gru + " --delimiter '\"'", 2, "--delimiter must be a text without quotes"},
      {"train --model gru --task next-item", 2, "task next-item needs --data"},
      {"train --model gru --task next-item --protocol all --data " + files.users, 2,
       "there is no protocol \"all\""},
      {gru + " --threads 0", 2, "--threads must be within [1, 1024], got 0"},
      {gru + " --dropout 1.5", 2, "--dropout must be within [0, 0.99], got 1.5"},
      {gru + " --learning-rate nan", 2, "--learning-rate must be within"},
      {gru + " --loss l2", 2,
       "--loss must be one of softmax, sampled-softmax, bce, gbce, bpr-max, got \"l2\""},
      {gru + " --resume", 2, "--resume needs --checkpoint"},
      {gru + " --seed -1", 2, "--seed must be within [0, 9223372036854775807], got -1"},
      {gru + " --length 5", 2, "--length has no effect with model gru"},
      {gru + " --negatives 5", 2, "--negatives has no effect with the loss softmax"},
      {gru + " --epochs 2 --patience 3", 2, "--patience has no effect with --epochs"},
      {gru + " --epochs 2 --no-refit", 2, "--no-refit has no effect with --epochs"},
      {gru + " --checkpoint-minutes 3", 2,
       "--checkpoint-minutes has no effect without --checkpoint"},
      {gru + " --data " + files.users, 2, "--train has no effect with protocol temporal"},
      {gru + " --protocol sessions --data " + files.users, 2,
       "--data has no effect with protocol sessions"},
      {gru + " --test-from 2020-01-01", 2, "--test-from has no effect with protocol sessions"},
      {gru + " --target basket", 2, "--target has no effect with task sessions"},
      {gru + " --format lines --delimiter tab", 2, "--delimiter has no effect with --format lines"},
      {gru + " --session-gap soon", 2, "--session-gap"},
      {gru + " --loss bce --negatives 5", 2, "--negatives has no effect with the loss bce"},
      {gru + " --calibration 0.5", 2, "--calibration has no effect with the loss softmax"},
      {gru + " --baselines gru", 2, "--baselines: gru is a neural network"},
      {gru + " --baselines vsknn,vsknn", 2, "--baselines: vsknn is named twice"},
      {"train --model vsknn --baselines stan" + files.sessions, 2,
       "--baselines has no effect with model vsknn"},
      {"train --model recent-popularity --task next-item --data " + files.users, 1,
       "recent-popularity needs the times of events"},
      {"train --model gru --task next-item --target basket --data " + files.users, 1,
       "target basket needs the times of events"},
      {"train --model gru --task next-item --protocol temporal --data " + files.users, 1,
       "protocol temporal needs the times of events"},
      {"train --model gru --task next-item --target shelf --data " + files.users, 2,
       "there is no target \"shelf\"; there are item, basket"},
      {"train --task next-item --model gru --data " + files.users + files.sessions, 2,
       "--train has no effect with task next-item"},
      {"train --model sasrec --steps 4" + files.sessions, 2,
       "--steps has no effect with model sasrec"},
      {"train --model popularity --width 4" + files.sessions, 2,
       "--width has no effect with model popularity"},
      {"train --model sequential-rules --epochs 4" + files.sessions, 2,
       "--epochs has no effect with model sequential-rules"},
      {"train --model sasrec --width 5 --heads 2" + files.sessions, 2,
       "--heads (2) must divide --width (5)"},
      {"train --model gru --train nothing.tsv --test " + files.test, 1, "nothing.tsv"},
      {"train --model gru --train " + file("empty.tsv", "") + " --test " + files.test, 1,
       "empty.tsv"},
      {"train --model gru --train " + file("head.tsv", head) + " --test " + files.test, 1,
       "head.tsv: expected events"},
      {"train --model gru --train " + file("single.tsv", head + "1\ta\t1\n2\tb\t2\n") + " --test " +
           files.test,
       1, "expected a session of 2 events or more, got 2 with one each"},
      {"train --model gru --train " + file("item.tsv", head + "1\ta\t1\n1\ta\t2\n") + " --test " +
           files.test,
       1, "expected at least 2 items to train on, got 1"},
      {"train --model gru --train " + file("time.tsv", head + "1\ta\t1\n1\tb\tnoon\n") +
           " --test " + files.test,
       1,
       "time.tsv:3:3: expected seconds or an ISO 8601 time for time, got \"noon\"; "
       "--skip-bad-lines"},
      {"train --model gru --train " + file("who.tsv", "visite\tware\n1\t2\n") + " --test " +
           files.test,
       1, "--columns session=NAME or its number chooses one"},
      {gru + " --epochs 1 --out /nowhere/m.tg", 1, "/nowhere/m.tg: cannot be written"},
      {gru + " --epochs 1 --checkpoint /nowhere/run.ck", 1, "/nowhere/run.ck: cannot be written"},
      {gru + " --epochs 1 --curves /nowhere/run", 1, "/nowhere/run.csv: cannot be written"},
      {gru + " --epochs 1 --out " + files.train, 2, "is named twice"},
      {gru + " --epochs 1 --checkpoint " + files.train, 2, "is named twice"},
      {gru + " --epochs 1 --checkpoint " + file("there.ck", "something"), 2,
       "the checkpoint is there already"},
      {"train --model gru --train " + file("few.tsv", head + "1\ta\t1\n1\tb\t2\n") + " --test " +
           file("other.tsv", head + "5\tb\t1\n5\ta\t2\n"),
       1, "--epochs says how many"},
      {"train --task next-item --protocol sasrec10 --model gru --data " + files.users, 2,
       "there is no protocol \"sasrec10\""},
      {"predict --model-file x", 2, "one of --history, --histories and --follow is needed"},
      {"predict --history a --model-file " + file("text.tg", "this is no model"), 1, "text.tg"},
      {"evaluate --test " + files.test + " --model-file " + file("short.tg", "1"), 1, "short.tg"}};
  for (const Case& one : cases) {
    CAPTURE(one.arguments);
    const Outcome outcome = run((one.arguments.empty() ? "" : one.arguments) +
                                std::string(one.arguments.starts_with("train") ? " --quiet" : ""));
    CHECK(outcome.code == one.code);
    CAPTURE(outcome.text);
    CHECK(outcome.text.find(one.says) != std::string::npos);
    CHECK(std::count(outcome.text.begin(), outcome.text.end(), '\n') == 1);
  }
  const Outcome unseen = run("train --model popularity --train " + files.train + " --test " +
                             file("new.tsv", head + "1\tx\t1\n1\ty\t2\n"));
  CHECK(unseen.code == 0);
  CHECK(unseen.text.find("1 of 1 next items were not trained on: they count as missed") !=
        std::string::npos);
  CHECK(unseen.text.find("Recall@20 0.0000") != std::string::npos);
  const Outcome nothing = run("train --model popularity --train " + files.train + " --test " +
                              file("lone.tsv", head + "1\titem-1\t1\n2\titem-1\t2\n"));
  CHECK(nothing.code == 1);
  CHECK(nothing.text.find("expected a session with two events to judge on, got none") !=
        std::string::npos);
}
