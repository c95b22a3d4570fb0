// The recurrent states of what a source trains on side by side, in checkpoints.
#pragma once

#include <map>
#include <string>

#include <tapegrad/tapegrad.h>

namespace tapegrad::apps {

// Restores what CarriedState::values() gave. Throws DataError for arrays that are not the state of
// these layers with so many lanes.
void restore_carried(nn::CarriedState& carried, const nn::Recurrent& layers, Index lanes,
                     const std::map<std::string, Array>& state);

}  // namespace tapegrad::apps
