package io.cema.protocol;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The rules of the design that concern this module. */
@AnalyzeClasses(packages = "io.cema.protocol", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule mqtt_client_stays_in_its_room = noClasses()
            .that()
            .resideOutsideOfPackage("io.cema.protocol.mqtt")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.hivemq.client..")
            .because("MqttLink is the only way to MQTT");

    @ArchTest
    static final ArchRule mqtt_client_is_not_in_the_links_interface = noClasses()
            .that()
            .arePublic()
            .and()
            .resideInAPackage("io.cema.protocol.mqtt")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.hivemq.client..")
            .because("who uses the link must not see the client");

    @ArchTest
    static final ArchRule onnx_classes_stay_in_their_room = noClasses()
            .that()
            .resideOutsideOfPackage("io.cema.protocol.onnx")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.tribuo..");

    @ArchTest
    static final ArchRule packages_have_no_cycles =
            slices().matching("io.cema.protocol.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule no_package_is_a_drawer = noClasses()
            .should()
            .resideInAnyPackage("..util..", "..common..", "..helper..", "..misc..")
            .because("a package is named for what it does");

    @ArchTest
    static final ArchRule no_framework = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.quarkus..", "jakarta..", "io.vertx..", "io.smallrye..")
            .because("the contract is a plain library");
}
