package io.cema.edge;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cema.protocol.image.Image;
import io.cema.protocol.image.ImageCodec;
import io.cema.protocol.message.ImageFormat;
import io.cema.protocol.message.SamplePart;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Images of requests go the way of frames: to the sink, and to the cloud if they are selected. */
@QuarkusTest
@WithTestResource(value = CloudDouble.class, initArgs = @ResourceArg(name = CloudDouble.SERVING, value = "true"))
class ServedLearningTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    /** One in five goes up at random; that none of these does has a chance of one in 500,000. */
    private static final int REQUESTS = 60;

    private final CloudDouble cloud = CloudDouble.running();

    @BeforeEach
    void model() {
        cloud.acknowledging = true;
        cloud.awaitServing();
    }

    @Test
    void photo_classified_goesUpAsTheFileItCameAs() throws IOException {
        List<byte[]> files = new ArrayList<>();
        for (int i = 0; i < REQUESTS; i++) {
            files.add(png(i));
            given().contentType("image/png")
                    .body(files.get(i))
                    .post("/v1/classify")
                    .then()
                    .statusCode(200);
        }

        await().atMost(PATIENCE)
                .until(() -> cloud.parts.stream().anyMatch(p -> p.getInfo().getFormat() == ImageFormat.PNG));

        SamplePart part = cloud.parts.stream()
                .filter(p -> p.getInfo().getFormat() == ImageFormat.PNG)
                .findFirst()
                .orElseThrow();
        assertThat(files)
                .anyMatch(f -> java.util.Arrays.equals(f, part.getData().toByteArray()));
        assertThat(part.getInfo().getModelDigest()).isEqualTo(cloud.manifest.digest());
    }

    @Test
    void tensors_inferred_goUpAsThePicturesBehindThem() {
        Random random = new Random(77);
        List<Image> images = new ArrayList<>();
        for (int i = 0; i < REQUESTS / 2; i++) {
            images.add(CloudDouble.image(random));
            images.add(CloudDouble.image(random));
            infer(images.subList(2 * i, 2 * i + 2));
        }

        await().atMost(PATIENCE).until(() -> cloud.parts.stream()
                .filter(p -> p.getInfo().getFormat() == ImageFormat.RGB8_ZSTD)
                .map(p -> ImageCodec.decode(ImageFormat.RGB8_ZSTD, p.getData().toByteArray()))
                .anyMatch(sent -> images.stream().anyMatch(i -> java.util.Arrays.equals(i.rgb(), sent.rgb()))));
    }

    @Test
    void prediction_ofARequest_isInTheSinkWithItsSource() throws IOException {
        given().contentType("image/png")
                .body(png(1))
                .post("/v1/classify")
                .then()
                .statusCode(200);

        await().atMost(PATIENCE).until(() -> Files.readAllLines(cloud.folder().resolve("predictions.jsonl")).stream()
                .anyMatch(l -> l.contains("\"source\":\"requests\"")));
    }

    @Test
    void tensor_thatIsNoPicture_isAnsweredAndCounted() {
        float[] far = new float[192];
        java.util.Arrays.fill(far, 100);

        infer(far, 1);

        await().atMost(PATIENCE)
                .until(() -> given().get("/v2/cema/status").jsonPath().getInt("skipped.NO_PICTURE") > 0);
    }

    private void infer(List<Image> images) {
        float[] input = new float[images.size() * 192];
        for (int i = 0; i < images.size(); i++) {
            float[] tensor = ImageCodec.toTensor(
                    images.get(i), TestModels.SIZE, TestModels.SIZE, cloud.manifest.preprocessing());
            System.arraycopy(tensor, 0, input, i * 192, 192);
        }
        infer(input, images.size());
    }

    private static void infer(float[] input, int images) {
        byte[] head = ("{\"inputs\":[{\"name\":\"input\",\"shape\":[" + images
                        + ",3,8,8],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":" + 4 * input.length
                        + "}}]}")
                .getBytes(StandardCharsets.UTF_8);
        ByteBuffer body = ByteBuffer.allocate(head.length + 4 * input.length).order(ByteOrder.LITTLE_ENDIAN);
        body.put(head).asFloatBuffer().put(input);
        given().contentType("application/octet-stream")
                .header("Inference-Header-Content-Length", head.length)
                .body(body.array())
                .post("/v2/models/residual/infer")
                .then()
                .statusCode(200);
    }

    private static byte[] png(int seed) throws IOException {
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(seed);
        for (int i = 0; i < 64; i++) {
            image.setRGB(i % 8, i / 8, random.nextInt(1 << 24));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return bytes.toByteArray();
    }
}
