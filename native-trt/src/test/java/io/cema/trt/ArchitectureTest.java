package io.cema.trt;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The rules of the design that concern this module. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.cema.trt");

    @Test
    void knows_nothing_of_its_users() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.cema.protocol..", "io.cema.edge..", "io.cema.cloud..")
                .because("this is a library of its own")
                .check(CLASSES);
    }

    @Test
    void no_binding_is_in_a_public_signature() {
        noMethods()
                .that()
                .arePublic()
                .and()
                .areDeclaredInClassesThat()
                .haveModifier(JavaModifier.PUBLIC)
                .should()
                .haveRawReturnType(resideInAPackage("org.bytedeco.."))
                .because("who uses the library must not see the bindings")
                .check(CLASSES);
    }
}
