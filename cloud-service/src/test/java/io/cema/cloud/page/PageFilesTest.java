package io.cema.cloud.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PageFilesTest {
    @Test
    void withoutNode_theIndexSaysWhatIsMissingAndHowToGetIt() {
        Thread thread = Thread.currentThread();
        ClassLoader whole = thread.getContextClassLoader();
        thread.setContextClassLoader(new ClassLoader(whole) {
            @Override
            public InputStream getResourceAsStream(String name) {
                return name.startsWith("operator-page/") ? null : super.getResourceAsStream(name);
            }
        });
        try {
            PageFiles files = PageFiles.load();

            assertThat(files.built()).isFalse();
            assertThat(new String(files.index().content(), StandardCharsets.UTF_8))
                    .contains("built without the operator's page", "install Node.js");
            assertThat(files.find("assets/app.js")).isEmpty();
        } finally {
            thread.setContextClassLoader(whole);
        }
    }
}
