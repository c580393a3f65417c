package io.cema.cloud.adaptation.torch;

import io.cema.protocol.onnx.OnnxAttributes;
import io.cema.protocol.onnx.OnnxFormatException;
import io.cema.protocol.onnx.OnnxNode;
import io.cema.protocol.onnx.OnnxTensor;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Operators that move elements about, and those that compute with sizes (on the CPU, as int64 tensors). */
final class ShapeOperators {
    private ShapeOperators() {}

    static void register(Map<String, Operators.Factory> table) {
        table.put("Reshape", ShapeOperators::reshape);
        table.put("Flatten", ShapeOperators::flatten);
        table.put("Transpose", ShapeOperators::transpose);
        table.put("Concat", ShapeOperators::concat);
        table.put("Split", ShapeOperators::split);
        table.put("Slice", ShapeOperators::slice);
        table.put("Pad", ShapeOperators::pad);
        table.put("Squeeze", ShapeOperators::squeeze);
        table.put("Unsqueeze", ShapeOperators::unsqueeze);
        table.put("Gather", ShapeOperators::gather);
        table.put("Shape", ShapeOperators::shape);
        table.put("ConstantOfShape", ShapeOperators::constantOfShape);
        table.put("Expand", ShapeOperators::expand);
        table.put("Range", ShapeOperators::range);
    }

    private static Kernel single(Kernel.Single computation) {
        return computation.kernel();
    }

    private static int axis(long axis, long rank) {
        return (int) (axis < 0 ? axis + rank : axis);
    }

    private static Kernel reshape(OnnxNode node, int opset) {
        boolean zeroIsZero = node.attributes().integer("allowzero", 0) != 0;
        return single(in -> {
            long[] wanted = TensorData.longs(in[1]);
            for (int i = 0; i < wanted.length; i++) {
                if (wanted[i] == 0 && !zeroIsZero) {
                    wanted[i] = in[0].size(i);
                }
            }
            return in[0].reshape(wanted);
        });
    }

    private static Kernel flatten(OnnxNode node, int opset) {
        long from = node.attributes().integer("axis", 1);
        return single(in -> {
            long[] shape = in[0].shape();
            long rows = LongStream.of(shape).limit(axis(from, shape.length)).reduce(1, (a, b) -> a * b);
            long columns = LongStream.of(shape).skip(axis(from, shape.length)).reduce(1, (a, b) -> a * b);
            return in[0].reshape(rows, columns);
        });
    }

    private static Kernel transpose(OnnxNode node, int opset) {
        long[] order = node.attributes().integers("perm", new long[0]);
        return single(in -> in[0].permute(
                order.length > 0
                        ? order
                        : IntStream.rangeClosed(1, (int) in[0].dim())
                                .mapToLong(i -> in[0].dim() - i)
                                .toArray()));
    }

    private static Kernel concat(OnnxNode node, int opset) {
        long axis = node.attributes().integer("axis", 0);
        return single(in -> torch.cat(new TensorVector(in), axis));
    }

    private static Kernel split(OnnxNode node, int opset) {
        long axis = node.attributes().integer("axis", 0);
        long[] fixed = node.attributes().integers("split", new long[0]);
        int parts = node.outputs().size();
        return (in, mode) -> {
            long[] sizes = in.length > 1 && in[1] != null ? TensorData.longs(in[1]) : fixed;
            long total = in[0].size(axis);
            if (sizes.length == 0) {
                // Equal parts, the last one smaller where they do not divide.
                long part = (total + parts - 1) / parts;
                sizes = LongStream.range(0, parts)
                        .map(i -> Math.max(0, Math.min(part, total - i * part)))
                        .toArray();
            }
            Tensor[] out = new Tensor[parts];
            long start = 0;
            for (int i = 0; i < parts; i++) {
                out[i] = torch.slice(in[0], axis, new LongOptional(start), new LongOptional(start + sizes[i]), 1);
                start += sizes[i];
            }
            return out;
        };
    }

    private static Kernel slice(OnnxNode node, int opset) {
        return single(in -> {
            long[] starts = TensorData.longs(in[1]);
            long[] ends = TensorData.longs(in[2]);
            long[] axes = in.length > 3 && in[3] != null
                    ? TensorData.longs(in[3])
                    : LongStream.range(0, starts.length).toArray();
            long[] steps = in.length > 4 && in[4] != null ? TensorData.longs(in[4]) : filled(starts.length, 1);
            Tensor result = new Tensor(in[0]);
            for (int i = 0; i < starts.length; i++) {
                result = sliceAxis(result, axis(axes[i], in[0].dim()), starts[i], ends[i], steps[i]);
            }
            return result;
        });
    }

    private static Tensor sliceAxis(Tensor x, int axis, long start, long end, long step) {
        if (step > 0) {
            return torch.slice(x, axis, new LongOptional(start), new LongOptional(end), step);
        }
        long size = x.size(axis);
        long from = Math.min(start < 0 ? start + size : start, size - 1);
        // The end is exclusive; anything below -size means "before the first element".
        long to = Math.max(end < 0 ? end + size : end, -1);
        long[] indices = LongStream.iterate(from, i -> i > to, i -> i + step).toArray();
        return torch.index_select(x, axis, onDeviceOf(x, TensorData.of(indices, indices.length)));
    }

    private static Tensor onDeviceOf(Tensor x, Tensor other) {
        return x.is_cuda() ? TensorData.on(other, TorchSettings.Device.CUDA) : other;
    }

    private static long[] filled(int size, long value) {
        long[] result = new long[size];
        Arrays.fill(result, value);
        return result;
    }

    private static Kernel pad(OnnxNode node, int opset) {
        String mode = node.attributes().text("mode", "constant");
        String libtorchMode =
                switch (mode) {
                    case "constant" -> "constant";
                    case "reflect" -> "reflect";
                    case "edge" -> "replicate";
                    default -> throw new OnnxFormatException(node.describe() + ": mode " + mode + " is not supported");
                };
        return single(in -> {
            int rank = (int) in[0].dim();
            long[] given = TensorData.longs(in[1]);
            long[] axes = in.length > 3 && in[3] != null
                    ? TensorData.longs(in[3])
                    : LongStream.range(0, rank).toArray();
            // libtorch counts pairs from the last axis on.
            long[] pairs = new long[2 * rank];
            int lowest = rank;
            for (int i = 0; i < axes.length; i++) {
                int axis = axis(axes[i], rank);
                pairs[2 * (rank - 1 - axis)] = given[i];
                pairs[2 * (rank - 1 - axis) + 1] = given[axes.length + i];
                if (given[i] != 0 || given[axes.length + i] != 0) {
                    lowest = Math.min(lowest, axis);
                }
            }
            if (lowest == rank) {
                return new Tensor(in[0]);
            }
            if (mode.equals("constant")) {
                double value = in.length > 2 && in[2] != null ? TensorData.floats(in[2])[0] : 0;
                return torch.constant_pad_nd(in[0], pairs, new Scalar(value));
            }
            return torch.pad(
                    in[0], Arrays.copyOf(pairs, 2 * Math.max(1, rank - lowest)), libtorchMode, new DoubleOptional());
        });
    }

    private static Kernel squeeze(OnnxNode node, int opset) {
        long[] fixed = node.attributes().integers("axes", new long[0]);
        return single(in -> {
            long[] axes = in.length > 1 && in[1] != null ? TensorData.longs(in[1]) : fixed;
            return axes.length == 0 ? torch.squeeze(in[0]) : torch.squeeze(in[0], axes);
        });
    }

    private static Kernel unsqueeze(OnnxNode node, int opset) {
        long[] fixed = node.attributes().integers("axes", new long[0]);
        return single(in -> {
            long[] axes = in.length > 1 && in[1] != null ? TensorData.longs(in[1]) : fixed;
            long rank = in[0].dim() + axes.length;
            int[] sorted =
                    LongStream.of(axes).mapToInt(a -> axis(a, rank)).sorted().toArray();
            Tensor result = in[0];
            for (int axis : sorted) {
                result = result.unsqueeze(axis);
            }
            return result;
        });
    }

    private static Kernel gather(OnnxNode node, int opset) {
        long along = node.attributes().integer("axis", 0);
        return single(in -> {
            int axis = axis(along, in[0].dim());
            long size = in[0].size(axis);
            long[] indices = LongStream.of(TensorData.longs(in[1]))
                    .map(i -> i < 0 ? i + size : i)
                    .toArray();
            Tensor picked = torch.index_select(in[0], axis, onDeviceOf(in[0], TensorData.of(indices, indices.length)));
            long[] shape = LongStream.concat(
                            LongStream.concat(LongStream.of(in[0].shape()).limit(axis), LongStream.of(in[1].shape())),
                            LongStream.of(in[0].shape()).skip(axis + 1))
                    .toArray();
            return picked.reshape(shape);
        });
    }

    private static Kernel shape(OnnxNode node, int opset) {
        OnnxAttributes attributes = node.attributes();
        long start = attributes.integer("start", 0);
        long end = attributes.integer("end", Long.MAX_VALUE);
        return single(in -> {
            long rank = in[0].dim();
            int from = (int) Math.max(0, start < 0 ? start + rank : start);
            int to = (int) Math.min(rank, end < 0 ? end + rank : end);
            long[] sizes = Arrays.copyOfRange(in[0].shape(), from, Math.max(from, to));
            return TensorData.of(sizes, sizes.length);
        });
    }

    private static Kernel constantOfShape(OnnxNode node, int opset) {
        OnnxTensor value =
                node.attributes().tensor("value").orElseGet(() -> OnnxTensor.of("value", new float[] {0}, 1));
        return single(in -> {
            try (PointerScope scope = new PointerScope()) {
                Tensor scalar = TensorData.of(value).reshape(new long[0]);
                return TensorData.escape(
                        scope, scalar.expand(TensorData.longs(in[0])).clone());
            }
        });
    }

    /** The result has the larger size of both on every axis; the wanted shape may hold ones. */
    private static Kernel expand(OnnxNode node, int opset) {
        return single(in -> {
            long[] wanted = TensorData.longs(in[1]);
            long[] shape = in[0].shape();
            int rank = Math.max(wanted.length, shape.length);
            long[] result = filled(rank, 1);
            for (int i = 1; i <= rank; i++) {
                long have = i <= shape.length ? shape[shape.length - i] : 1;
                long want = i <= wanted.length ? wanted[wanted.length - i] : 1;
                result[rank - i] = have == 1 ? want : have;
            }
            return in[0].expand(result);
        });
    }

    private static Kernel range(OnnxNode node, int opset) {
        return single(in -> torch.arange(in[0].item(), in[1].item(), in[2].item()));
    }
}
