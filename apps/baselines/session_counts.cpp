#include <tapegrad/apps/baselines/session_counts.h>

#include <cmath>
#include <set>

#include <Eigen/Dense>

namespace tapegrad::apps {

std::vector<double> session_counts(const History& session, Index types) {
  const std::set<std::int32_t> distinct(session.items.begin(), session.items.end());
  const double seconds = session.times.empty() ? 0.0 : session.times.back() - session.times.front();
  std::vector<double> counts = {static_cast<double>(session.size()),
                                static_cast<double>(distinct.size()), std::max(0.0, seconds),
                                static_cast<double>(session.size() - distinct.size())};
  counts.resize(counts.size() + static_cast<std::size_t>(types), 0.0);
  for (const std::int16_t type : session.types) {
    if (type >= 0 && type < types) counts[4 + static_cast<std::size_t>(type)] += 1.0;
  }
  for (double& count : counts) count = std::log1p(count);
  return counts;
}

CountRegression::CountRegression(const PurchaseSessions& training)
    : types_(training.sessions.type_ids.size()) {
  const auto rows = training.sessions.count();
  const auto columns = static_cast<Eigen::Index>(5 + types_);
  Eigen::MatrixXd x(rows, columns);
  Eigen::VectorXd y(rows);
  for (Index s = 0; s < rows; ++s) {
    const std::vector<double> counts = session_counts(training.sessions.of(s), types_);
    x(s, 0) = 1.0;
    for (std::size_t i = 0; i < counts.size(); ++i) x(s, static_cast<Index>(i) + 1) = counts[i];
    y(s) = training.bought[static_cast<std::size_t>(s)] ? 1.0 : 0.0;
  }
  Eigen::VectorXd w = Eigen::VectorXd::Zero(columns);
  Eigen::VectorXd penalty = Eigen::VectorXd::Ones(columns);
  penalty(0) = 1e-9;
  for (int step = 0; step < 50; ++step) {
    const Eigen::VectorXd p = (1.0 + (-(x * w).array()).exp()).inverse();
    const Eigen::VectorXd gradient = x.transpose() * (y - p) - penalty.cwiseProduct(w);
    const Eigen::VectorXd weights = (p.array() * (1.0 - p.array())).matrix();
    Eigen::MatrixXd hessian = x.transpose() * weights.asDiagonal() * x;
    hessian.diagonal() += penalty;
    const Eigen::VectorXd change = hessian.ldlt().solve(gradient);
    w += change;
    if (change.lpNorm<Eigen::Infinity>() < 1e-9) break;
  }
  weights_.assign(w.data(), w.data() + w.size());
}

double CountRegression::logit(const History& session) const {
  const std::vector<double> counts = session_counts(session, types_);
  double sum = weights_[0];
  for (std::size_t i = 0; i < counts.size(); ++i) sum += weights_[i + 1] * counts[i];
  return sum;
}

}  // namespace tapegrad::apps
