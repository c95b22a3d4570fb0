// tg-sequence: trains models of what comes next, evaluates them, and predicts.
#include <tapegrad/apps/command_line/command_line.h>

#include "commands.h"

int main(int argc, char** argv) {
  using namespace tapegrad::apps;
  constexpr const char* usage =
      "usage: tg-sequence train    --task sessions  --train FILE --test FILE --model MODEL [--out "
      "FILE] [options]\n"
      "       tg-sequence train    --task next-item --data FILE --model MODEL [--out FILE] "
      "[options]\n"
      "       tg-sequence evaluate --model-file FILE --test FILE (sessions) or --data FILE "
      "(next-item) [options]\n"
      "       tg-sequence predict  --model-file FILE --history ITEM,ITEM,... or --histories FILE "
      "or --follow [--k 20] [options]\n"
      "       tg-sequence train    --task language  --data TEXT --model lstm [--out FILE] "
      "[options]\n"
      "       tg-sequence generate --model-file FILE [--prompt TEXT] [options]\n"
      "       tg-sequence tune     --data FILE --model MODEL --out FILE [options]\n"
      "       tg-sequence explain  --model-file FILE --history ITEM,ITEM,... --item ITEM "
      "[options]\n"
      "       tg-sequence analyze  --data FILE [--html FILE] [options]\n"
      "`tg-sequence COMMAND --help` lists the options of a command.\n";
  return run_program("tg-sequence", usage,
                     {{"train", run_train},
                      {"tune", run_tune},
                      {"evaluate", run_evaluate},
                      {"predict", run_predict},
                      {"explain", run_explain},
                      {"generate", run_generate},
                      {"analyze", run_analyze}},
                     argc, argv);
}
