package io.cema.cloud.contract;

import io.cema.cloud.contract.Contract.Operation;
import io.restassured.filter.Filter;
import io.restassured.filter.FilterContext;
import io.restassured.response.Response;
import io.restassured.specification.FilterableRequestSpecification;
import io.restassured.specification.FilterableResponseSpecification;
import java.net.URI;
import java.util.Optional;
import java.util.Set;

/** Fails a test in which the service answers what its OpenAPI document does not list: a status, or a type of content. */
final class ContractFilter implements Filter {
    private static final String API = "/api/";
    private static final Set<Integer> WITHOUT_RESOURCE = Set.of(400, 401, 403, 404, 405);

    private final Contract contract;

    ContractFilter(Contract contract) {
        this.contract = contract;
    }

    @Override
    public Response filter(
            FilterableRequestSpecification request, FilterableResponseSpecification expected, FilterContext context) {
        Response answer = context.next(request, expected);
        String path = URI.create(request.getURI()).getPath();
        if (path.startsWith(API) && !request.getMethod().equals("OPTIONS")) {
            judge(
                    request.getMethod(),
                    path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path,
                    answer);
        }
        return answer;
    }

    private void judge(String method, String path, Response answer) {
        int status = answer.statusCode();
        Optional<Operation> operation = contract.find(method, path);
        if (operation.isEmpty()) {
            if (!WITHOUT_RESOURCE.contains(status)) {
                throw new AssertionError(method + " " + path + " answers " + status
                        + ", and the OpenAPI document has no such " + (contract.knows(path) ? "method" : "path"));
            }
            return;
        }
        if (!operation.get().statuses().contains(Integer.toString(status))) {
            throw new AssertionError(operation.get() + " answers " + status + ", and the OpenAPI document lists "
                    + operation.get().statuses() + ": add @APIResponse(responseCode = \"" + status
                    + "\", ...) or mend the"
                    + " answer");
        }
        String type = answer.contentType();
        Set<String> types = operation.get().types(status);
        if (!method.equals("HEAD") && type != null && !type.isEmpty() && !types.contains(bare(type))) {
            throw new AssertionError(operation.get() + " answers " + status + " as " + bare(type)
                    + ", and the OpenAPI document lists " + types + " for it");
        }
    }

    private static String bare(String type) {
        int semicolon = type.indexOf(';');
        return (semicolon < 0 ? type : type.substring(0, semicolon)).strip();
    }
}
