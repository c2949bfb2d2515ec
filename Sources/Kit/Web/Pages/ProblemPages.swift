import Values

/// The pages that the `type` of a problem document links to: what the problem means and what to do. One for each
/// problem, and one for all.
package enum ProblemPages {
    package static func endpoints(_ pages: PageRenderer) -> [Endpoint] {
        [
            .page("/problems", "What a refusal may say", access: .anyone) { call, _ in
                .page(
                    "kit/problems", title: "web.problems.title",
                    [
                        "one": .none, "problems": .list(pages.problems(call.language).map(row)),
                    ])
            },
            .page("/problems/{problem}", "What one problem means and what to do", access: .anyone) { call, _ in
                let key = call.pathValues["problem"] ?? ""
                guard let problem = pages.problems(call.language).first(where: { $0.key == key }) else {
                    throw Problem.notFound
                }
                return .page(
                    "kit/problems", title: problem.title,
                    [
                        "one": .text(problem.title), "problems": [row(problem)],
                    ])
            },
        ]
    }

    private static func row(_ problem: (key: String, title: String, todo: String)) -> Model {
        ["key": .text(problem.key), "title": .text(problem.title), "todo": .text(problem.todo)]
    }
}
