package io.cema.cloud;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The rules of the design that concern this module. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.cema.cloud");

    @Test
    void libtorch_stays_in_its_rooms() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.cema.cloud.adaptation.torch..", "io.cema.cloud.compression..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .because("native tensors have owners, and these rooms know them")
                .check(CLASSES);
    }

    @Test
    void edge_is_another_house() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.cema.edge..")
                .because("edge and cloud meet in the protocol alone")
                .check(CLASSES);
    }

    @Test
    void onnx_runtime_judges_compressed_models_and_nothing_else() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.cema.cloud.compression")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.onnxruntime..")
                .because("a compression is judged on what the edge will run, and all else runs in libtorch")
                .check(CLASSES);
    }

    @Test
    void mqtt_goes_through_the_link() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.hivemq..")
                .check(CLASSES);
    }

    @Test
    void only_messaging_knows_the_link() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.cema.cloud.messaging")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.cema.protocol.mqtt..")
                .because("features see channels and the outbox")
                .check(CLASSES);
    }

    /** Every package is a slice of its own: {@code adaptation.torch} is a room beside {@code adaptation}. */
    @Test
    void packages_have_no_cycles() {
        slices().matching("io.cema.cloud.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void no_package_is_a_drawer() {
        noClasses()
                .should()
                .resideInAnyPackage("..util..", "..common..", "..helper..", "..misc..")
                .because("a package is named for what it does")
                .check(CLASSES);
    }
}
