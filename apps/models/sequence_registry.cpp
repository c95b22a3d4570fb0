#include <tapegrad/apps/baselines/item_rules.h>
#include <tapegrad/apps/models/recurrent_next.h>
#include <tapegrad/apps/models/registry_rows.h>
#include <tapegrad/apps/models/sasrec.h>
#include <tapegrad/apps/models/sequence_row.h>

namespace tapegrad::apps {

const std::vector<SequenceRow>& sequence_rows() {
  static const std::vector<SequenceRow> rows = {popular_next_row(),
                                                association_rules_row(),
                                                sequential_rules_row(),
                                                rnn_row(),
                                                lstm_row(),
                                                gru_row(),
                                                sasrec_row()};
  return rows;
}

const SequenceRow& sequence_row(const std::string& name) {
  return row_named(sequence_rows(), name);
}

}  // namespace tapegrad::apps
