// What was found of trajectories as a page for a browser.
#pragma once

#include <string>

#include <tapegrad/apps/trajectories/trajectories.h>

namespace tapegrad::apps {

// One HTML file with pictures in SVG, which needs nothing else. Lists show their first `most`
// entries.
std::string to_page(const Trajectories& found, const std::string& title, std::size_t most);

}  // namespace tapegrad::apps
