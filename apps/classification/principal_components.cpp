#include <tapegrad/apps/classification/principal_components.h>

#include <Eigen/Eigenvalues>

namespace tapegrad::apps {

std::vector<double> principal_components(std::span<const double> rows, Index width, Index count) {
  using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Matrix centred =
      Eigen::Map<const Matrix>(rows.data(), static_cast<Eigen::Index>(rows.size()) / width, width);
  centred.rowwise() -= centred.colwise().mean().eval();
  const Matrix products = centred.transpose() * centred;
  // Ascending.
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(products);
  Matrix directions = solver.eigenvectors().rightCols(count).rowwise().reverse();
  for (Eigen::Index c = 0; c < count; ++c) {
    Eigen::Index greatest = 0;
    directions.col(c).cwiseAbs().maxCoeff(&greatest);
    if (directions(greatest, c) < 0.0) directions.col(c) *= -1.0;
  }
  const Matrix components = centred * directions;
  return {components.data(), components.data() + components.size()};
}

}  // namespace tapegrad::apps
