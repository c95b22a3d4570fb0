// How losses and measures went, epoch by epoch: as a table, as a picture, and for TensorBoard.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace tapegrad::apps {

class LearningCurves {
 public:
  struct Point {
    int epoch = 0;
    double value = 0.0;
  };
  // Epochs of one curve ascend; a second value of the last epoch takes the place of its first.
  void add(const std::string& name, int epoch, double value) {
    std::vector<Point>& points = curves_[name];
    if (!points.empty() && points.back().epoch == epoch) points.pop_back();
    points.push_back({epoch, value});
  }
  const std::map<std::string, std::vector<Point>>& curves() const { return curves_; }

  // Writes prefix.csv (epoch, a column a curve), prefix.svg and prefix.tfevents (scalars with the
  // epochs as steps; without times, so that equal runs give equal files). Throws Error where a file
  // cannot be written.
  void write(const std::string& prefix) const;

 private:
  std::map<std::string, std::vector<Point>> curves_;
};

// A picture with a panel a curve.
std::string curves_as_svg(const std::map<std::string, std::vector<LearningCurves::Point>>& curves);

}  // namespace tapegrad::apps
