#include <tapegrad/apps/models/registry.h>

#include <algorithm>

#include <tapegrad/apps/baselines/content.h>
#include <tapegrad/apps/baselines/ease.h>
#include <tapegrad/apps/baselines/ials.h>
#include <tapegrad/apps/baselines/item_knn.h>
#include <tapegrad/apps/baselines/popularity.h>
#include <tapegrad/apps/models/gmf.h>
#include <tapegrad/apps/models/history_mlp.h>
#include <tapegrad/apps/models/matrix_factorisation.h>
#include <tapegrad/apps/models/mlp_recommender.h>
#include <tapegrad/apps/models/neumf.h>
#include <tapegrad/apps/models/two_tower.h>

namespace tapegrad::apps {

const OptionDefault* ModelRow::find(const ModelOption& option) const {
  return find_option(*this, option);
}

double ModelRow::width(const ModelSettings& settings) const {
  if (settings.has(model_options::factors))
    return 4.0 * static_cast<double>(settings.whole(model_options::factors));
  if (settings.has(model_options::hidden))
    return static_cast<double>(std::ranges::max(settings.widths(model_options::hidden)));
  return 1.0;
}

const std::vector<ModelRow>& model_rows() {
  static const std::vector<ModelRow> rows = {popularity_row(),  category_popularity_row(),
                                             content_row(),     item_knn_row(),
                                             ease_row(),        ials_row(),
                                             mf_row(),          gmf_row(),
                                             mlp_row(),         neumf_row(),
                                             history_mlp_row(), two_tower_row()};
  return rows;
}

const ModelRow& model_row(const std::string& name) { return row_named(model_rows(), name); }

}  // namespace tapegrad::apps
