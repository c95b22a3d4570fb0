#include <tapegrad/ops/direct_convolution.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string_view>
#include <utility>

#include <oneapi/tbb/task_arena.h>
#include <oneapi/dnnl/dnnl.hpp>

#include <tapegrad/graph/error.h>

namespace tapegrad {
namespace {

using image_columns::Layout;
using Product = ConvolutionProduct;
using Format = dnnl::memory::format_tag;

enum Role : std::size_t { image_role, weight_role, output_role, role_count };

Role result_of(Product product) {
  switch (product) {
    case Product::images:
      return image_role;
    case Product::weights:
      return weight_role;
    case Product::output:
      break;
  }
  return output_role;
}

// What oneDNN calls the arguments of a product.
std::array<int, role_count> arguments_of(Product product) {
  switch (product) {
    case Product::images:
      return {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST};
    case Product::weights:
      return {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST};
    case Product::output:
      break;
  }
  return {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST};
}

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

dnnl::memory::desc in_order(const dnnl::memory::dims& extents, Format format) {
  return {extents, dnnl::memory::data_type::f32, format};
}

// A convolution as oneDNN describes it, with images in some order of axes.
struct Description {
  dnnl::memory::desc images, weights, output;
  dnnl::memory::dims stride, dilation, padding;
  dnnl::primitive_attr attributes;

  // Version 2 of the library describes the operation first, version 3 does both at once.
  template <class Convolution>
  auto forward() const {
    using Described = typename Convolution::primitive_desc;
    constexpr auto kind = dnnl::prop_kind::forward_training;
    constexpr auto direct = dnnl::algorithm::convolution_direct;
    if constexpr (requires { typename Convolution::desc; })
      return Described({kind, direct, images, weights, output, stride, dilation, padding, padding},
                       attributes, engine(), true);
    else
      return Described(engine(), kind, direct, images, weights, output, stride, dilation, padding,
                       padding, attributes, true);
  }
  template <class Convolution>
  auto backward(const dnnl::convolution_forward::primitive_desc& of) const {
    using Described = typename Convolution::primitive_desc;
    constexpr auto direct = dnnl::algorithm::convolution_direct;
    if constexpr (requires { typename Convolution::desc; })
      return Described({direct, images, weights, output, stride, dilation, padding, padding},
                       attributes, engine(), of, true);
    else
      return Described(engine(), direct, images, weights, output, stride, dilation, padding,
                       padding, of, attributes, true);
  }
};

// The library's other kernels copy patches, too, or are made to be read and not to be fast.
template <class Described>
bool is_fast(const Described& described) {
  if (described.get(true) == nullptr) return false;
  const std::string_view name = described.impl_info_str();
  return name.starts_with("jit") || name.starts_with("brg");
}

using Key = std::array<Index, 16>;

Key key_of(const Layout& layout, const DirectConvolution::Part& part) {
  const image_columns::Attributes& o = layout.options;
  return {static_cast<Index>(part.product),
          part.channels,
          part.images,
          layout.channels,
          layout.height,
          layout.width,
          layout.filters,
          layout.kernel_height,
          layout.kernel_width,
          o.stride[0],
          o.stride[1],
          o.padding[0],
          o.padding[1],
          o.dilation[0],
          o.dilation[1],
          o.groups};
}

bool pays(const Layout& layout, const DirectConvolution::Part& part) {
  constexpr Index most_terms = 2048, least_places = 32, least_products = Index{1} << 15;
  const Index kernel = layout.kernel_height * layout.kernel_width;
  const bool is_sequence = layout.out_height == 1 || layout.out_width == 1;
  if (layout.options.groups != 1 || is_sequence || layout.places() < least_places ||
      layout.filters * layout.patch() * layout.places() < least_products)
    return false;
  switch (part.product) {
    case Product::images:
      return layout.filters * kernel <= most_terms;
    case Product::weights:
      return part.images * layout.places() <= most_terms;
    case Product::output:
      break;
  }
  return layout.patch() <= most_terms;
}

}  // namespace

struct DirectConvolution::Library {
  Product product = Product::output;
  dnnl::stream stream;
  dnnl::primitive convolution;
  dnnl::memory plain[role_count];   // as tensors have it
  dnnl::memory packed[role_count];  // as the kernel has it
  dnnl::reorder turn[role_count];   // none where both are the same
  dnnl::memory scratch;
  std::size_t packed_bytes[role_count] = {};  // 0 where nothing is turned
  std::size_t scratch_bytes = 0;

  static dnnl::memory unplaced(const dnnl::memory::desc& described) {
    return {described, engine(), DNNL_MEMORY_NONE};
  }

  // Whether all that is to be turned around can be.
  template <class Described>
  bool set(const Described& described, dnnl::primitive made,
           const std::array<dnnl::memory::desc, role_count>& wanted,
           const std::array<dnnl::memory::desc, role_count>& stored) {
    stream = dnnl::stream(engine());
    convolution = std::move(made);
    scratch = unplaced(described.scratchpad_desc());
    scratch_bytes = described.scratchpad_desc().get_size();
    for (std::size_t role = 0; role < role_count; ++role) {
      plain[role] = unplaced(stored[role]);
      packed[role] = unplaced(wanted[role]);
      if (wanted[role] == stored[role]) continue;
      packed_bytes[role] = wanted[role].get_size();
      turn[role] = role == result_of(product) ? turning(wanted[role], stored[role])
                                              : turning(stored[role], wanted[role]);
      if (!turns(role)) return false;
    }
    return true;
  }

  // None where it needs memory of its own: what the library lends belongs to the thread that made a
  // primitive.
  static dnnl::reorder turning(const dnnl::memory::desc& from, const dnnl::memory::desc& to) {
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const dnnl::reorder::primitive_desc described(engine(), from, engine(), to, attributes);
    if (described.scratchpad_desc().get_size() > 0) return {};
    return dnnl::reorder(described);
  }

  // The same product with memory objects of its own.
  std::unique_ptr<Library> another() const {
    auto copy = std::make_unique<Library>(*this);
    copy->stream = dnnl::stream(engine());
    copy->scratch = unplaced(scratch.get_desc());
    for (std::size_t role = 0; role < role_count; ++role) {
      copy->plain[role] = unplaced(plain[role].get_desc());
      copy->packed[role] = unplaced(packed[role].get_desc());
    }
    return copy;
  }

  bool turns(std::size_t role) const { return turn[role].get(true) != nullptr; }

  // Through the library's C interface, whose lists of arguments need no memory of their own.
  void execute(const dnnl::primitive& primitive, std::span<const dnnl_exec_arg_t> arguments) const {
    const dnnl_status_t status = dnnl_primitive_execute(
        primitive.get(), stream.get(), static_cast<int>(arguments.size()), arguments.data());
    if (status != dnnl_success) throw ExecutionError("oneDNN refused a convolution");
  }
  void reorder(std::size_t role) const {
    const bool is_result = role == result_of(product);
    const dnnl::memory& from = is_result ? packed[role] : plain[role];
    const dnnl::memory& to = is_result ? plain[role] : packed[role];
    const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from.get()}, {DNNL_ARG_TO, to.get()}};
    execute(turn[role], arguments);
  }
  // Where something given lies, or where the result is to lie.
  void place(std::size_t role, const float* data) {
    auto* const address = const_cast<float*>(data);  // what is given is only read
    plain[role].set_data_handle(address);
    if (!turns(role)) packed[role].set_data_handle(address);
  }
};

DirectConvolution::DirectConvolution(std::unique_ptr<Library> library) {
  const auto threads = static_cast<std::size_t>(oneapi::tbb::this_task_arena::max_concurrency());
  idle_.reserve(threads + 1);
  for (std::size_t more = 1; more < threads; ++more) idle_.push_back(library->another());
  idle_.push_back(std::move(library));
  spare_ = idle_.back()->another();
}
DirectConvolution::~DirectConvolution() = default;

std::unique_ptr<DirectConvolution::Library> DirectConvolution::lend() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return spare_->another();
  std::unique_ptr<Library> lent = std::move(idle_.back());
  idle_.pop_back();
  return lent;
}

void DirectConvolution::take_back(std::unique_ptr<Library> library) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(library));
}

namespace {

std::array<dnnl::memory::desc, role_count> stored_as(const Layout& layout,
                                                     const DirectConvolution::Part& part) {
  const dnnl::memory::dims images = {part.images, part.channels, layout.height, layout.width};
  const Index plane = layout.height * layout.width;
  const dnnl::memory::dims steps = {layout.channels * plane, plane, layout.width, 1};
  return {
      dnnl::memory::desc(images, dnnl::memory::data_type::f32, steps),
      in_order({layout.filters, part.channels, layout.kernel_height, layout.kernel_width},
               Format::oihw),
      in_order({part.images, layout.filters, layout.out_height, layout.out_width}, Format::nchw)};
}

}  // namespace

std::shared_ptr<DirectConvolution> DirectConvolution::find(const Layout& layout, const Part& part) {
  if (!pays(layout, part)) return nullptr;
  constexpr std::size_t most = 256;
  struct Known {
    std::shared_ptr<DirectConvolution> convolution;
    std::uint64_t last = 0;  // when it was asked for
  };
  static std::mutex mutex;
  static std::map<Key, Known> known;
  static std::uint64_t now = 0;
  const Key key = key_of(layout, part);
  const std::lock_guard lock(mutex);
  const auto found = known.find(key);
  if (found != known.end()) {
    found->second.last = ++now;
    return found->second.convolution;
  }
  if (known.size() == most)
    known.erase(
        std::ranges::min_element(known, {}, [](const auto& entry) { return entry.second.last; }));
  // Nothing is remembered of what throws.
  std::shared_ptr<DirectConvolution> made;
  const OneOpenMpThread guard;
  const auto stored = stored_as(layout, part);
  const image_columns::Attributes& o = layout.options;
  for (const Format order : {Format::nhwc, Format::any}) {
    Description description{
        .images = in_order({part.images, part.channels, layout.height, layout.width}, order),
        .weights =
            in_order({layout.filters, part.channels, layout.kernel_height, layout.kernel_width},
                     Format::any),
        .output =
            in_order({part.images, layout.filters, layout.out_height, layout.out_width}, order),
        .stride = {o.stride[0], o.stride[1]},
        .dilation = {o.dilation[0] - 1, o.dilation[1] - 1},
        .padding = {o.padding[0], o.padding[1]},
        .attributes = {}};
    description.attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    auto library = std::make_unique<Library>();
    library->product = part.product;
    const auto forward = description.forward<dnnl::convolution_forward>();
    if (forward.get(true) == nullptr) continue;
    bool is_usable = false;
    if (part.product == Product::output) {
      if (!is_fast(forward)) continue;
      is_usable =
          library->set(forward, dnnl::convolution_forward(forward),
                       {forward.src_desc(), forward.weights_desc(), forward.dst_desc()}, stored);
    } else if (part.product == Product::images) {
      const auto backward = description.backward<dnnl::convolution_backward_data>(forward);
      if (!is_fast(backward)) continue;
      is_usable = library->set(
          backward, dnnl::convolution_backward_data(backward),
          {backward.diff_src_desc(), backward.weights_desc(), backward.diff_dst_desc()}, stored);
    } else {
      const auto backward = description.backward<dnnl::convolution_backward_weights>(forward);
      if (!is_fast(backward)) continue;
      is_usable = library->set(
          backward, dnnl::convolution_backward_weights(backward),
          {backward.src_desc(), backward.diff_weights_desc(), backward.diff_dst_desc()}, stored);
    }
    if (!is_usable) continue;
    made.reset(new DirectConvolution(std::move(library)));
    break;
  }
  known[key] = {.convolution = made, .last = ++now};
  return made;
}

namespace {

// Where each block of a run begins, in bytes; blocks are aligned as vectors want it.
constexpr std::size_t aligned(std::size_t bytes) { return (bytes + 63) / 64 * 64; }

}  // namespace

DirectConvolution::Run::Run(DirectConvolution& convolution)
    : convolution_(convolution), owned_(convolution.lend()), library_(*owned_), memory_([&] {
        std::size_t bytes = aligned(library_.scratch_bytes);
        for (std::size_t role = 0; role < role_count; ++role)
          bytes += aligned(library_.packed_bytes[role]);
        return bytes;
      }()) {
  std::byte* at = memory_.data();
  library_.scratch.set_data_handle(at);
  at += aligned(library_.scratch_bytes);
  for (std::size_t role = 0; role < role_count; ++role) {
    if (!library_.turns(role)) continue;
    library_.packed[role].set_data_handle(at);
    at += aligned(library_.packed_bytes[role]);
  }
}

DirectConvolution::Run::~Run() { convolution_.take_back(std::move(owned_)); }

void DirectConvolution::Run::set_weights(const float* weights) {
  library_.place(weight_role, weights);
  if (library_.turns(weight_role)) library_.reorder(weight_role);
}

void DirectConvolution::Run::output(const float* images, float* output) {
  library_.place(image_role, images);
  library_.place(output_role, output);
  if (library_.turns(image_role)) library_.reorder(image_role);
  compute();
}

void DirectConvolution::Run::images(const float* output, float* images) {
  library_.place(image_role, images);
  library_.place(output_role, output);
  if (library_.turns(output_role)) library_.reorder(output_role);
  compute();
}

void DirectConvolution::Run::weights(const float* images, const float* output, float* weights) {
  library_.place(image_role, images);
  library_.place(weight_role, weights);
  library_.place(output_role, output);
  if (library_.turns(image_role)) library_.reorder(image_role);
  if (library_.turns(output_role)) library_.reorder(output_role);
  compute();
}

// The product of what is packed, and its result in the tensors' order.
void DirectConvolution::Run::compute() {
  const auto names = arguments_of(library_.product);
  const dnnl_exec_arg_t arguments[] = {{names[image_role], library_.packed[image_role].get()},
                                       {names[weight_role], library_.packed[weight_role].get()},
                                       {names[output_role], library_.packed[output_role].get()},
                                       {DNNL_ARG_SCRATCHPAD, library_.scratch.get()}};
  library_.execute(library_.convolution, arguments);
  const std::size_t result = result_of(library_.product);
  if (library_.turns(result)) library_.reorder(result);
}

}  // namespace tapegrad
