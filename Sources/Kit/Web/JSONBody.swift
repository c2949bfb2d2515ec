import Foundation
import Values

extension Call {
    /// The JSON body as a value. The runner has checked it against the endpoint's schema already, so what fails here
    /// is a schema that says something else than the type.
    /// - Throws: a 422 problem that names the field.
    package func decode<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        do {
            return try JSONDecoder().decode(T.self, from: Data(body))
        } catch let error as DecodingError {
            throw Call.problem(for: error)
        }
    }

    private static func problem(for error: DecodingError) -> Problem {
        let path: [any CodingKey]
        switch error {
        case .keyNotFound(let key, let context): path = context.codingPath + [key]
        case .typeMismatch(_, let context), .valueNotFound(_, let context): path = context.codingPath
        case .dataCorrupted(let context):
            guard !context.codingPath.isEmpty else { return Problem(400, "web.json", values: ["position": "0"]) }
            path = context.codingPath
        @unknown default: path = []
        }
        var field = ""
        for key in path {
            if let index = key.intValue {
                field += "[\(index)]"
            } else {
                field += (field.isEmpty ? "" : ".") + key.stringValue
            }
        }
        return .invalid(field, "web.value")
    }
}
