package io.cema.ops.deployment;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Reads every {@code @ConfigMapping} of a module off its sources: keys, defaults, values and what Javadoc says. */
final class SettingsReader {
    private final Map<String, TreePath> types = new HashMap<>();
    private final List<TreePath> mappings = new ArrayList<>();
    private final List<Setting> settings = new ArrayList<>();
    private DocTrees docs;

    private SettingsReader() {}

    /** In the order of the sources. */
    static List<Setting> of(Path sources) throws IOException {
        SettingsReader reader = new SettingsReader();
        reader.parse(sources);
        for (TreePath mapping : reader.mappings) {
            reader.read(mapping, prefix((ClassTree) mapping.getLeaf()).orElseThrow());
        }
        return reader.settings;
    }

    private void parse(Path sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<Path> files;
        try (Stream<Path> walk = Files.walk(sources)) {
            files = walk.filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .toList();
        }
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, manager, null, List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(files));
            docs = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                new TypeScanner().scan(unit, null);
            }
        }
    }

    private final class TypeScanner extends TreePathScanner<Void, Void> {
        @Override
        public Void visitClass(ClassTree type, Void unused) {
            types.put(qualified(getCurrentPath()), getCurrentPath());
            if (type.getKind() == Tree.Kind.INTERFACE && prefix(type).isPresent()) {
                mappings.add(getCurrentPath());
            }
            return super.visitClass(type, unused);
        }
    }

    private void read(TreePath path, String prefix) {
        for (Tree member : ((ClassTree) path.getLeaf()).getMembers()) {
            if (member instanceof MethodTree method
                    && method.getBody() == null
                    && !method.getModifiers().getFlags().contains(Modifier.STATIC)) {
                String key = prefix + "." + kebab(method.getName().toString());
                String type = method.getReturnType().toString();
                Optional<TreePath> own = find(path, type.replaceAll("^Optional<(.*)>$", "$1"));
                if (own.isPresent() && own.get().getLeaf().getKind() == Tree.Kind.INTERFACE) {
                    read(own.get(), key);
                } else {
                    settings.add(setting(new TreePath(path, method), key, type, own));
                }
            }
        }
    }

    private Setting setting(TreePath path, String key, String type, Optional<TreePath> own) {
        MethodTree method = (MethodTree) path.getLeaf();
        Optional<String> value = annotation(method.getModifiers().getAnnotations(), "WithDefault", "value");
        String doc = Optional.ofNullable(docs.getDocComment(path)).orElse("");
        return new Setting(
                key,
                value,
                value.isEmpty() && !type.startsWith("Optional"),
                own.filter(p -> p.getLeaf().getKind() == Tree.Kind.ENUM)
                        .map(p -> constants((ClassTree) p.getLeaf()))
                        .orElse(plain(type)),
                text(doc));
    }

    /** A type of these sources, as it is named inside another. */
    private Optional<TreePath> find(TreePath user, String name) {
        for (TreePath scope = user; scope != null; scope = scope.getParentPath()) {
            if (scope.getLeaf() instanceof ClassTree) {
                TreePath nested = types.get(qualified(scope) + "." + name);
                if (nested != null) {
                    return Optional.of(nested);
                }
            }
        }
        return Optional.ofNullable(types.get(name));
    }

    private static String qualified(TreePath path) {
        StringBuilder name = new StringBuilder();
        for (TreePath scope = path; scope != null; scope = scope.getParentPath()) {
            if (scope.getLeaf() instanceof ClassTree type) {
                name.insert(0, name.isEmpty() ? type.getSimpleName().toString() : type.getSimpleName() + ".");
            }
        }
        return name.toString();
    }

    private static Optional<String> prefix(ClassTree type) {
        return annotation(type.getModifiers().getAnnotations(), "ConfigMapping", "prefix");
    }

    private static Optional<String> annotation(List<? extends AnnotationTree> all, String name, String argument) {
        return all.stream()
                .filter(a -> a.getAnnotationType().toString().equals(name))
                .flatMap(a -> a.getArguments().stream())
                .filter(a -> argument.equals(
                        a instanceof AssignmentTree named ? named.getVariable().toString() : "value"))
                .map(a -> a instanceof AssignmentTree named ? named.getExpression() : a)
                .map(a -> ((LiteralTree) a).getValue().toString())
                .findFirst();
    }

    private static String constants(ClassTree type) {
        return type.getMembers().stream()
                .filter(m -> m instanceof VariableTree v
                        && v.getType().toString().equals(type.getSimpleName().toString()))
                .map(m -> "`" + kebab(((VariableTree) m).getName().toString()) + "`")
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
    }

    private static String plain(String type) {
        return switch (type.replaceAll("^Optional<(.*)>$", "$1")) {
            case "boolean", "Boolean" -> "true, false";
            case "int", "long", "OptionalInt", "OptionalLong" -> "whole number";
            case "double", "OptionalDouble" -> "number";
            case "Duration" -> "duration";
            case "Path" -> "path";
            case "URI" -> "address";
            case "List<String>" -> "texts, separated by commas";
            default -> "text";
        };
    }

    static String kebab(String name) {
        return name.equals(name.toUpperCase(java.util.Locale.ROOT))
                ? name.toLowerCase(java.util.Locale.ROOT).replace('_', '-')
                : name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(java.util.Locale.ROOT);
    }

    private static String text(String javadoc) {
        return javadoc.replaceAll("(?s)\\n\\s*@.*", "")
                .replaceAll("\\{@code ([^}]*)}", "`$1`")
                .replaceAll("\\{@link #?([^}]*)}", "`$1`")
                .replaceAll("<[^>]+>", "")
                .replaceAll("\\s+", " ")
                .strip();
    }
}
