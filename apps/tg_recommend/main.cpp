// tg-recommend: trains recommenders, evaluates them, and recommends.
#include <tapegrad/apps/command_line/command_line.h>

#include "commands.h"

int main(int argc, char** argv) {
  using namespace tapegrad::apps;
  constexpr const char* usage =
      "usage: tg-recommend inspect   --data FILE [options]\n"
      "       tg-recommend train     --data FILE --model MODEL [--out FILE] [options]\n"
      "       tg-recommend evaluate  --model-file FILE --data FILE [options]\n"
      "       tg-recommend recommend --model-file FILE --user ID [--k 10] [options]\n"
      "       tg-recommend similar   --model-file FILE --item ID [--k 10] [options]\n"
      "       tg-recommend explain   --model-file FILE --item ID --user ID [options]\n"
      "       tg-recommend tune      --data FILE --model MODEL --out FILE [options]\n"
      "       tg-recommend update    --model-file FILE --data FILE --out FILE [options]\n"
      "       tg-recommend forget    --model-file FILE --user ID --out FILE [options]\n"
      "       tg-recommend business  --log FILE [--policy FILE] [options]\n"
      "`tg-recommend COMMAND --help` lists the options of a command.\n";
  return run_program("tg-recommend", usage,
                     {{"inspect", run_inspect},
                      {"train", run_train},
                      {"evaluate", run_evaluate},
                      {"recommend", run_recommend},
                      {"similar", run_similar},
                      {"explain", run_explain},
                      {"tune", run_tune},
                      {"update", run_update},
                      {"forget", run_forget},
                      {"business", run_business}},
                     argc, argv);
}
