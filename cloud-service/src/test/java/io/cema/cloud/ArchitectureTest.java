package io.cema.cloud;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The rules of the design that concern this module. */
@AnalyzeClasses(packages = "io.cema.cloud", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule libtorch_stays_in_its_rooms = noClasses()
            .that()
            .resideOutsideOfPackages("io.cema.cloud.adaptation.torch..", "io.cema.cloud.compression..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco..")
            .because("native tensors have owners, and these rooms know them");

    @ArchTest
    static final ArchRule libtorch_is_not_in_their_interface = noClasses()
            .that()
            .arePublic()
            .and()
            .resideInAnyPackage("io.cema.cloud.adaptation", "io.cema.cloud.model")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bytedeco..");

    @ArchTest
    static final ArchRule edge_is_another_house = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.cema.edge..", "ai.onnxruntime..")
            .because("edge and cloud meet in the protocol alone");

    @ArchTest
    static final ArchRule mqtt_goes_through_the_link =
            noClasses().should().dependOnClassesThat().resideInAPackage("com.hivemq..");

    @ArchTest
    static final ArchRule only_messaging_knows_the_link = noClasses()
            .that()
            .resideOutsideOfPackage("io.cema.cloud.messaging")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.cema.protocol.mqtt..")
            .because("features see channels and the outbox");

    /** Every package is a slice of its own: {@code adaptation.torch} is a room beside {@code adaptation}. */
    @ArchTest
    static final ArchRule packages_have_no_cycles =
            slices().matching("io.cema.cloud.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule no_package_is_a_drawer = noClasses()
            .should()
            .resideInAnyPackage("..util..", "..common..", "..helper..", "..misc..")
            .because("a package is named for what it does");
}
