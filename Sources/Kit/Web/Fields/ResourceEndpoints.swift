import Schemas
import Storage

extension Answer {
    /// A value as JSON.
    package static func json<Root>(_ value: Root, as resource: Resource<Root>, status: Int = 200) -> Answer {
        Answer(status: status, content: .bytes(resource.written(value), type: "application/json"))
    }

    /// 201 with the new resource and its address.
    package static func created<Root>(_ value: Root, as resource: Resource<Root>, at location: String) -> Answer {
        var answer = json(value, as: resource, status: 201)
        answer.headers.append(("Location", location))
        return answer
    }

    /// A page of a list as JSON.
    package static func json<Row>(_ part: ListPart<Row>, as resource: Resource<Row>) -> Answer {
        var json = JSONWriter()
        json.object { json in
            json.member("items") { $0.list(part.rows) { resource.write($0, to: &$1) } }
            if let next = part.next { json.member("next") { $0.string(next) } }
        }
        return Answer(status: 200, content: .bytes(json.bytes, type: "application/json"))
    }
}

/// What a command has created, and its address.
package struct Created<Root: Sendable>: Sendable {
    package let value: Root
    package let location: String

    package init(_ value: Root, at location: String) {
        self.value = value
        self.location = location
    }
}

extension Endpoint {
    /// Reads one thing, for programs; `nil` is 404.
    package static func read<Root>(
        _ path: String, _ summary: String, access: Access, query: [Parameter] = [], gives resource: Resource<Root>,
        run: @escaping @Sendable (_ call: Call, _ transaction: any Transaction) throws -> Root?
    ) -> Endpoint {
        read(path, summary, access: access, query: query, gives: resource.schema) { call, transaction in
            guard let value = try run(call, transaction) else { throw Problem.notFound }
            return .json(value, as: resource)
        }
    }

    /// Reads all items at once, if there are never many; `nil` is 404.
    package static func read<Root>(
        _ path: String, _ summary: String, access: Access, query: [Parameter] = [],
        givesAll resource: Resource<Root>,
        run: @escaping @Sendable (_ call: Call, _ transaction: any Transaction) throws -> [Root]?
    ) -> Endpoint {
        read(path, summary, access: access, query: query, gives: .list(resource.schema)) { call, transaction in
            guard let all = try run(call, transaction) else { throw Problem.notFound }
            var json = JSONWriter()
            json.list(all) { resource.write($0, to: &$1) }
            return Answer(status: 200, content: .bytes(json.bytes, type: "application/json"))
        }
    }

    /// A list for programs, one page at a time; see ``Call/page(_:by:_:)``.
    package static func list<Row>(
        _ path: String, _ summary: String, access: Access, query: [Parameter] = [], of resource: Resource<Row>,
        run: @escaping @Sendable (_ call: Call, _ transaction: any Transaction) throws -> ListPart<Row>
    ) -> Endpoint {
        read(
            path, summary, access: access, query: query + [.cursor, .limit], gives: .page(of: resource.schema)
        ) { call, transaction in .json(try run(call, transaction), as: resource) }
    }

    /// A change by a program. The answer is the changed thing.
    package static func command<Root>(
        _ method: Method, _ path: String, _ summary: String, access: Access, gives resource: Resource<Root>,
        status: Int = 200, idempotent: Bool = true,
        run: @escaping @Sendable (_ call: Call, _ transaction: any Transaction) throws -> Root
    ) -> Endpoint {
        command(
            method, path, summary, access: access, gives: resource.schema, idempotent: idempotent
        ) { call, transaction in .json(try run(call, transaction), as: resource, status: status) }
    }

    /// A program creates something. The answer is 201 with the new thing and its address.
    package static func creation<Root>(
        _ path: String, _ summary: String, access: Access, gives resource: Resource<Root>,
        run: @escaping @Sendable (_ call: Call, _ transaction: any Transaction) throws -> Created<Root>
    ) -> Endpoint {
        command(.post, path, summary, access: access, gives: resource.schema) { call, transaction in
            let created = try run(call, transaction)
            return .created(created.value, as: resource, at: created.location)
        }
    }

    /// Like the one above, with a body: it is read once, before the transaction, and passed to `run`.
    package static func creation<Body: Shaped, Root>(
        _ path: String, _ summary: String, access: Access, takes: Body.Type, gives resource: Resource<Root>,
        bodyLimit: Int = 64 * 1024,
        run: @escaping @Sendable (_ call: Call, _ body: Body, _ transaction: any Transaction) throws -> Created<Root>
    ) -> Endpoint {
        command(
            .post, path, summary, access: access, takes: takes, gives: resource.schema, bodyLimit: bodyLimit
        ) { call, body, transaction in
            let created = try run(call, body, transaction)
            return .created(created.value, as: resource, at: created.location)
        }
    }

    /// A change by a program, with a body: it is read once, before the transaction, and passed to `run`.
    package static func command<Body: Shaped>(
        _ method: Method, _ path: String, _ summary: String, access: Access, takes: Body.Type, gives: Schema? = nil,
        idempotent: Bool = true, bodyLimit: Int = 64 * 1024,
        run: @escaping @Sendable (_ call: Call, _ body: Body, _ transaction: any Transaction) throws -> Answer
    ) -> Endpoint {
        var endpoint = command(
            method, path, summary, access: access, takes: Body.schema, gives: gives, idempotent: idempotent,
            bodyLimit: bodyLimit
        ) { call, transaction in try run(call, try call.found(Body.self), transaction) }
        endpoint.reader = { (json, prepared) throws(JSONMismatch) in prepared[Body.self] = try Body(json: json) }
        return endpoint
    }

    /// Like the one above. The answer is the changed thing.
    package static func command<Body: Shaped, Root>(
        _ method: Method, _ path: String, _ summary: String, access: Access, takes: Body.Type,
        gives resource: Resource<Root>, idempotent: Bool = true, bodyLimit: Int = 64 * 1024,
        run: @escaping @Sendable (_ call: Call, _ body: Body, _ transaction: any Transaction) throws -> Root
    ) -> Endpoint {
        command(
            method, path, summary, access: access, takes: takes, gives: resource.schema, idempotent: idempotent,
            bodyLimit: bodyLimit
        ) { call, body, transaction in .json(try run(call, body, transaction), as: resource) }
    }
}
