// tg-classify: trains models that tell what class something is of, evaluates them, and predicts.
#include <tapegrad/apps/command_line/command_line.h>

#include "commands.h"

int main(int argc, char** argv) {
  using namespace tapegrad::apps;
  constexpr const char* usage =
      "usage: tg-classify train    --task TASK --data FILE --model MODEL [--out FILE] [options]\n"
      "       tg-classify tune     --task TASK --data FILE --model MODEL --out FILE [options]\n"
      "       tg-classify evaluate --model-file FILE --data FILE [options]\n"
      "       tg-classify predict  --model-file FILE --data FILE or --input EXAMPLE [options]\n"
      "       tg-classify explain  --model-file FILE --input EXAMPLE [options]\n"
      "       tg-classify embed    --model-file FILE --data FILE --out FILE [options]\n"
      "       tg-classify answer   --faq FILE --input TEXT or --data FILE [options]\n"
      "       tg-classify reviews  --model-file FILE --data FILE --product COLUMN [options]\n"
      "A task is text, table, images or trees; an example is a text, the file of a picture or a "
      "tree.\n"
      "`tg-classify COMMAND --help` lists the options of a command.\n";
  return run_program("tg-classify", usage,
                     {{"train", run_train},
                      {"tune", run_tune},
                      {"evaluate", run_evaluate},
                      {"predict", run_predict},
                      {"explain", run_explain},
                      {"embed", run_embed},
                      {"answer", run_answer},
                      {"reviews", run_reviews}},
                     argc, argv);
}
