// What moved a score, by leaving parts of what is known out.
#pragma once

#include <cstdint>

#include <tapegrad/apps/evaluation/recommender.h>
#include <tapegrad/apps/explanation/explanation.h>
#include <tapegrad/apps/models/interaction_model.h>

namespace tapegrad::apps {

// Scores the item for the whole history, and for the history without each of its items in turn: a
// contribution is the first less the second. They sum to the score for models that add up what each
// item of a history counts, which are explained exactly. `items` is the number of all items. Throws
// OptionError for a model that cannot score histories.
Explanation explain_by_leaving_out(const Recommender& recommender, const Person& person,
                                   std::int32_t item, Index items);

// The same of the parts of a network's input (InteractionModel::input_parts): one after another has
// the strength 0.
Explanation explain_by_leaving_out(const InteractionModel& model, const Subject& subject,
                                   std::int32_t item);

}  // namespace tapegrad::apps
