package io.cema.trt.power;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The walls of this room. */
class PowerRoomTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.cema.trt.power");

    @Test
    void native_code_is_behind_one_class() {
        noClasses()
                .that()
                .haveNameNotMatching(".*\\.NvmlSensor(\\$.*)?")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .because("a Jetson or a plain machine must never load it unasked")
                .check(CLASSES);
    }

    @Test
    void nothing_else_of_cema_is_known() {
        noClasses()
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "are of CEMA, outside this module",
                        type -> type.getPackageName().startsWith("io.cema")
                                && !type.getPackageName().startsWith("io.cema.trt")))
                .check(CLASSES);
    }
}
