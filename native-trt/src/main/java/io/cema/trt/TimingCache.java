package io.cema.trt;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.tensorrt.nvinfer.IBuilderConfig;
import org.bytedeco.tensorrt.nvinfer.IHostMemory;
import org.bytedeco.tensorrt.nvinfer.ITimingCache;
import org.jboss.logging.Logger;

/**
 * How fast each tactic was on this GPU, kept in a file between builds. A file that TensorRT does not take, of another
 * version or damaged, is as good as none: the build is slower, and a new one is written.
 */
final class TimingCache implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TimingCache.class);

    private final Optional<Path> file;
    private final long known;
    private final NativeHandle<ITimingCache> cache;

    private TimingCache(Optional<Path> file, long known, ITimingCache cache) {
        this.file = file;
        this.known = known;
        this.cache = new NativeHandle<>("the timing cache", cache, CppObject::delete);
    }

    /** Gives the configuration the cache of this file, or an empty one. */
    static TimingCache open(IBuilderConfig config, Optional<Path> file) {
        byte[] stored = file.map(TimingCache::read).orElse(new byte[0]);
        ITimingCache cache = attach(config, stored);
        if (cache == null && stored.length > 0) {
            LOG.warnf("timing cache %s is of another TensorRT or GPU, or damaged: starting a new one", file.get());
            stored = new byte[0];
            cache = attach(config, stored);
        }
        if (cache == null) {
            throw new TensorRtException(
                    TensorRtException.Reason.FAILED, "TensorRT cannot create an empty timing cache");
        }
        return new TimingCache(file, stored.length, cache);
    }

    private static ITimingCache attach(IBuilderConfig config, byte[] stored) {
        try (BytePointer bytes = stored.length == 0 ? new BytePointer() : new BytePointer(stored)) {
            ITimingCache cache = config.createTimingCache(bytes, stored.length);
            if (cache == null || cache.isNull()) {
                return null;
            }
            if (!config.setTimingCache(cache, false)) {
                CppObject.delete(cache);
                return null;
            }
            return cache;
        }
    }

    String describe() {
        return known == 0
                ? "no timing cache yet: measuring every tactic"
                : "timing cache of " + known + " bytes in use";
    }

    /** Writes what was learnt; a build does not fail because of it. */
    void save() {
        if (file.isEmpty()) {
            return;
        }
        IHostMemory serialized = cache.get().serialize();
        if (serialized == null || serialized.isNull()) {
            LOG.warnf("TensorRT does not give its timing cache: %s stays as it is", file.get());
            return;
        }
        try (NativeHandle<IHostMemory> memory = new NativeHandle<>("the cache", serialized, CppObject::delete)) {
            Path fresh = file.get().resolveSibling(file.get().getFileName() + ".new");
            Files.write(fresh, PlanBuilder.bytes(memory.get()));
            Files.move(fresh, file.get(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warnf(
                    "cannot write the timing cache %s (%s): the next build measures again", file.get(), e.getMessage());
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the timing cache " + file, e);
        }
    }

    @Override
    public void close() {
        cache.close();
    }
}
