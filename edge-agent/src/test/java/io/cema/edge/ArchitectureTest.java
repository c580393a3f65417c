package io.cema.edge;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The rules of the design that concern this module. */
@AnalyzeClasses(packages = "io.cema.edge", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule onnx_runtime_stays_in_its_room = noClasses()
            .that()
            .resideOutsideOfPackage("io.cema.edge.inference.onnx")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("ai.onnxruntime..")
            .because("everything else sees an InferenceEngine");

    @ArchTest
    static final ArchRule cloud_is_another_house = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.cema.cloud..", "org.bytedeco.pytorch..")
            .because("edge and cloud meet in the protocol alone, and the edge runs forward passes only");

    @ArchTest
    static final ArchRule mqtt_goes_through_the_link =
            noClasses().should().dependOnClassesThat().resideInAPackage("com.hivemq..");

    /** Every package is a slice of its own: {@code inference.onnx} is a room beside {@code inference}. */
    @ArchTest
    static final ArchRule packages_have_no_cycles =
            slices().matching("io.cema.edge.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule no_package_is_a_drawer = noClasses()
            .should()
            .resideInAnyPackage("..util..", "..common..", "..helper..", "..misc..")
            .because("a package is named for what it does");
}
