package io.cema.protocol;

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
            .importPackages("io.cema.protocol");

    @Test
    void mqtt_client_stays_in_its_room() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.cema.protocol.mqtt")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.hivemq.client..")
                .because("MqttLink is the only way to MQTT")
                .check(CLASSES);
    }

    @Test
    void mqtt_client_is_not_in_the_links_interface() {
        noClasses()
                .that()
                .arePublic()
                .and()
                .resideInAPackage("io.cema.protocol.mqtt")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.hivemq.client..")
                .because("who uses the link must not see the client")
                .check(CLASSES);
    }

    @Test
    void onnx_classes_stay_in_their_room() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.cema.protocol.onnx")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.tribuo..")
                .check(CLASSES);
    }

    @Test
    void packages_have_no_cycles() {
        slices().matching("io.cema.protocol.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void no_package_is_a_drawer() {
        noClasses()
                .should()
                .resideInAnyPackage("..util..", "..common..", "..helper..", "..misc..")
                .because("a package is named for what it does")
                .check(CLASSES);
    }

    @Test
    void no_framework() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.quarkus..", "jakarta..", "io.vertx..", "io.smallrye..")
                .because("the contract is a plain library")
                .check(CLASSES);
    }
}
