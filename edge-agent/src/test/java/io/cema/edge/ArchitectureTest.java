package io.cema.edge;

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
            .importPackages("io.cema.edge");

    @Test
    void onnx_runtime_stays_in_its_room() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.cema.edge.inference.onnx")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.onnxruntime..")
                .because("everything else sees an InferenceEngine")
                .check(CLASSES);
    }

    @Test
    void cloud_is_another_house() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.cema.cloud..", "org.bytedeco.pytorch..")
                .because("edge and cloud meet in the protocol alone, and the edge runs forward passes only")
                .check(CLASSES);
    }

    @Test
    void native_bindings_stay_in_their_library() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .because("native-trt owns what it loads")
                .check(CLASSES);
    }

    @Test
    void bindings_stay_in_native_trt() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .because("io.cema.trt is a library of its own")
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

    /** Every package is a slice of its own: {@code inference.onnx} is a room beside {@code inference}. */
    @Test
    void packages_have_no_cycles() {
        slices().matching("io.cema.edge.(**)").should().beFreeOfCycles().check(CLASSES);
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
