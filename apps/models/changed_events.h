// Users who leave what a stored model was fitted to, and events that join it.
#pragma once

#include <vector>

#include <tapegrad/apps/data/feature_table.h>
#include <tapegrad/apps/data/interactions.h>
#include <tapegrad/apps/models/model_file.h>

namespace tapegrad::apps {

// Takes users, with their ids, pairs and features, out of everything but what was learnt: `fitted`
// stays as it is, and no longer goes with the rest until the model is fitted again. The numbers of
// the other users close up.
void remove_users(StoredModel& model, const std::vector<bool>& removed);

// The same model without what was learnt; what does not change is shared.
StoredModel without_learnt(const StoredModel& model);

// Adds the pairs of likes (likes_of), with their users and items behind those of the model, `had`,
// which are the pairs that are not recommended (Split::had), by the numbers of the likes, and what
// tables say of these, null for none. With a half-life the older of the two sides ages until
// both are weighed at one time. What was learnt stays as it is, as in remove_users(). Throws
// DataError where the events cannot join: where they lack times or ratings and the model's have
// them.
void add_events(StoredModel& model, const Interactions& likes, const UserItems& had,
                const FeatureTable* users, const FeatureTable* items);

// Adds users without pairs behind those of the model, with what a table says of them; of users whom
// the model has already it takes the features of the table. What was learnt stays as it is, as in
// remove_users().
void add_users(StoredModel& model, const FeatureTable& users);

}  // namespace tapegrad::apps
