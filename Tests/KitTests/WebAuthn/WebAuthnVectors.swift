import Testing

/// Registrations and assertions of an independent implementation: PyPI `fido2` 2.2.1 encoded the authenticator data, keys,
/// attestation objects and client data, `cryptography` 50.0.2 signed them, and `fido2.server.Fido2Server` accepted each
/// (user verification demanded) before it was written down here. Relying party `popug.example`; the keys were thrown
/// away. Challenges and the user's handle are SHA-256 of a word.
struct WebAuthnVector: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let algorithm: Int64
    let format: String
    let counter: UInt32
    /// The COSE key, in hexadecimal digits.
    let key: String
    /// `RegistrationResponseJSON` and `AuthenticationResponseJSON`, as browsers send them.
    let registration: String
    let assertion: String

    static let registrationChallenge = "KcnDDgYEUVztmLPRT9iHUaj45Lm8adSDpnolfBSrefs"
    static let assertionChallenge = "fFsdSeaHX9iH_VIhI8SzQWnUzBGmUCzATLfrj3wWaXI"
    static let userHandle = "BPiZbadjt6lpsQKO4wB1aQ"

    static let all = [
        WebAuthnVector(
            testDescription: "ES256, none", algorithm: -7, format: "none", counter: 0,
            key: #"""
                a5010203262001215820815c27d8b356eb9d440a76682a3847858389968edc1e42f9f1000e6763defca622582098c28c6b5c06cab\#
                79d460e87cd8ac2aaab51f051b13e913c7dbf7423206087fe
                """#,
            registration: #"""
                {"id":"2tGozENFodbqLGGC9J1rtSbpnEFZOz6P5RlWaUF_tIM","rawId":"2tGozENFodbqLGGC9J1rtSbpnEFZOz6P5RlWaUF_tIM"\#
                ,"type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":{"credProps":{"rk":tru\#
                e}},"response":{"clientDataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiS2NuRERnWUVVVnp0bUx\#
                QUlQ5aUhVYWo0NUxtOGFkU0Rwbm9sZkJTcmVmcyIsIm9yaWdpbiI6Imh0dHBzOi8vcG9wdWcuZXhhbXBsZSIsImNyb3NzT3JpZ2luIjpm\#
                YWxzZX0","attestationObject":"o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVikPYpZ9wvocsUNsY2nVg55cgFo5xKYTeIxk-Q\#
                gzh5KKqRdAAAAAO_XQT4M9KLkH9-LuEKglrsAINrRqMxDRaHW6ixhgvSda7Um6ZxBWTs-j-UZVmlBf7SDpQECAyYgASFYIIFcJ9izVuud\#
                RAp2aCo4R4WDiZaO3B5C-fEADmdj3vymIlggmMKMa1wGyredRg6HzYrCqqtR8FGxPpE8fb90IyBgh_4","authenticatorData":"PYp\#
                Z9wvocsUNsY2nVg55cgFo5xKYTeIxk-Qgzh5KKqRdAAAAAO_XQT4M9KLkH9-LuEKglrsAINrRqMxDRaHW6ixhgvSda7Um6ZxBWTs-j-UZ\#
                VmlBf7SDpQECAyYgASFYIIFcJ9izVuudRAp2aCo4R4WDiZaO3B5C-fEADmdj3vymIlggmMKMa1wGyredRg6HzYrCqqtR8FGxPpE8fb90I\#
                yBgh_4","transports":["internal","hybrid"],"publicKeyAlgorithm":-7}}
                """#,
            assertion: #"""
                {"id":"2tGozENFodbqLGGC9J1rtSbpnEFZOz6P5RlWaUF_tIM","rawId":"2tGozENFodbqLGGC9J1rtSbpnEFZOz6P5RlWaUF_tIM"\#
                ,"type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":{},"response":{"client\#
                DataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiZkZzZFNlYUhYOWlIX1ZJaEk4U3pRV25VekJHbVVDekFUTG\#
                ZyajN3V2FYSSIsIm9yaWdpbiI6Imh0dHBzOi8vcG9wdWcuZXhhbXBsZSIsImNyb3NzT3JpZ2luIjpmYWxzZX0","authenticatorData\#
                ":"PYpZ9wvocsUNsY2nVg55cgFo5xKYTeIxk-Qgzh5KKqQdAAAAAA","signature":"MEUCIDMbSPWXhs1LRXq47j7yONtGtbVuuxOs6\#
                L9-k-1WRNjJAiEA7K3tCajwApKEqnrwENqrkoKUNvgjVkMmuM1NaLOCicc","userHandle":"BPiZbadjt6lpsQKO4wB1aQ"}}
                """#),
        WebAuthnVector(
            testDescription: "EdDSA, none", algorithm: -8, format: "none", counter: 0,
            key: #"""
                a40101032720062158205551ff6f83c1348c781d36b857e7a9ad6f321181f639321ad60f4a0336477e3b
                """#,
            registration: #"""
                {"id":"6aIiyaN3O-QsgCOex-PvGAVgAynWsxWFahAdVNoVNYA","rawId":"6aIiyaN3O-QsgCOex-PvGAVgAynWsxWFahAdVNoVNYA"\#
                ,"type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":{"credProps":{"rk":tru\#
                e}},"response":{"clientDataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiS2NuRERnWUVVVnp0bUx\#
                QUlQ5aUhVYWo0NUxtOGFkU0Rwbm9sZkJTcmVmcyIsIm9yaWdpbiI6Imh0dHBzOi8vcG9wdWcuZXhhbXBsZSIsImNyb3NzT3JpZ2luIjpm\#
                YWxzZX0","attestationObject":"o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YViBPYpZ9wvocsUNsY2nVg55cgFo5xKYTeIxk-Q\#
                gzh5KKqRdAAAAAFJ9EK5Y-OBXZk7fZAuGolIAIOmiIsmjdzvkLIAjnsfj7xgFYAMp1rMVhWoQHVTaFTWApAEBAycgBiFYIFVR_2-DwTSM\#
                eB02uFfnqa1vMhGB9jkyGtYPSgM2R347","authenticatorData":"PYpZ9wvocsUNsY2nVg55cgFo5xKYTeIxk-Qgzh5KKqRdAAAAAF\#
                J9EK5Y-OBXZk7fZAuGolIAIOmiIsmjdzvkLIAjnsfj7xgFYAMp1rMVhWoQHVTaFTWApAEBAycgBiFYIFVR_2-DwTSMeB02uFfnqa1vMhG\#
                B9jkyGtYPSgM2R347","transports":["internal","hybrid"],"publicKeyAlgorithm":-8}}
                """#,
            assertion: #"""
                {"id":"6aIiyaN3O-QsgCOex-PvGAVgAynWsxWFahAdVNoVNYA","rawId":"6aIiyaN3O-QsgCOex-PvGAVgAynWsxWFahAdVNoVNYA"\#
                ,"type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":{},"response":{"client\#
                DataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiZkZzZFNlYUhYOWlIX1ZJaEk4U3pRV25VekJHbVVDekFUTG\#
                ZyajN3V2FYSSIsIm9yaWdpbiI6Imh0dHBzOi8vcG9wdWcuZXhhbXBsZSIsImNyb3NzT3JpZ2luIjpmYWxzZX0","authenticatorData\#
                ":"PYpZ9wvocsUNsY2nVg55cgFo5xKYTeIxk-Qgzh5KKqQdAAAAAA","signature":"oqnoJTrpjTL3xRv3gTPQzb_xigRiAwVZsy62t\#
                UG0Vrcvzb5cw29JFbY4e-hi-75W4CQWm6Bmzox3LHoOg_HdBQ","userHandle":"BPiZbadjt6lpsQKO4wB1aQ"}}
                """#),
        WebAuthnVector(
            testDescription: "RS256, none", algorithm: -257, format: "none", counter: 0,
            key: #"""
                a401030339010020590100bc37682f3b297b4d096cc5abf8b387ea6eb000d62813e5e0ce2337dffdb369d02488ca8ef9b8abb31fb\#
                d01ec921e58600e1b66bb50c900661c8c84daa8ab5dd0a316a3d11c550c6f692553d279a60dcfcb5e459691b75de35328d67f6d9f\#
                d842e4bc8ac53592da64c4cf18c5c3d1a53144c40cf5d90d875b1e7a43bd0379cffe89848c6d3a37c0acabad8f89df62754adda0f\#
                fb17dbe94bc64e9ecb8c635ea42267d6ae4c576c7160297df78efc53a2db9f45bb5f52bf9087e793cb83353dcb131434f867714ea\#
                3efbfe34fa71741c0d39886ca14eb7af853e6e88e9e53ebd3f72e8bf8740746e8e78039d0e24e0212438d133662b302a38d89fbb4\#
                92ec6daf92143010001
                """#,
            registration: #"""
                {"id":"JCvz0zfugwt1mufeepCtihHuIWMcGolQIq2Lrs7J2tE","rawId":"JCvz0zfugwt1mufeepCtihHuIWMcGolQIq2Lrs7J2tE"\#
                ,"type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":{"credProps":{"rk":tru\#
                e}},"response":{"clientDataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiS2NuRERnWUVVVnp0bUx\#
                QUlQ5aUhVYWo0NUxtOGFkU0Rwbm9sZkJTcmVmcyIsIm9yaWdpbiI6Imh0dHBzOi8vcG9wdWcuZXhhbXBsZSIsImNyb3NzT3JpZ2luIjpm\#
                YWxzZX0","attestationObject":"o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVkBZz2KWfcL6HLFDbGNp1YOeXIBaOcSmE3iMZP\#
                kIM4eSiqkXQAAAADy3PlWdwVwVAl3kjvI1NRbACAkK_PTN-6DC3Wa5956kK2KEe4hYxwaiVAirYuuzsna0aQBAwM5AQAgWQEAvDdoLzsp\#
                e00JbMWr-LOH6m6wANYoE-XgziM33_2zadAkiMqO-birsx-9AeySHlhgDhtmu1DJAGYcjITaqKtd0KMWo9EcVQxvaSVT0nmmDc_LXkWWk\#
                bdd41Mo1n9tn9hC5LyKxTWS2mTEzxjFw9GlMUTEDPXZDYdbHnpDvQN5z_6JhIxtOjfArKutj4nfYnVK3aD_sX2-lLxk6ey4xjXqQiZ9au\#
                TFdscWApffeO_FOi259Fu19Sv5CH55PLgzU9yxMUNPhncU6j77_jT6cXQcDTmIbKFOt6-FPm6I6eU-vT9y6L-HQHRujngDnQ4k4CEkONE\#
                zZiswKjjYn7tJLsba-SFDAQAB","authenticatorData":"PYpZ9wvocsUNsY2nVg55cgFo5xKYTeIxk-Qgzh5KKqRdAAAAAPLc-VZ3B\#
                XBUCXeSO8jU1FsAICQr89M37oMLdZrn3nqQrYoR7iFjHBqJUCKti67OydrRpAEDAzkBACBZAQC8N2gvOyl7TQlsxav4s4fqbrAA1igT5e\#
                DOIzff_bNp0CSIyo75uKuzH70B7JIeWGAOG2a7UMkAZhyMhNqoq13Qoxaj0RxVDG9pJVPSeaYNz8teRZaRt13jUyjWf22f2ELkvIrFNZL\#
                aZMTPGMXD0aUxRMQM9dkNh1seekO9A3nP_omEjG06N8Csq62Pid9idUrdoP-xfb6UvGTp7LjGNepCJn1q5MV2xxYCl99478U6Lbn0W7X1\#
                K_kIfnk8uDNT3LExQ0-GdxTqPvv-NPpxdBwNOYhsoU63r4U-bojp5T69P3Lov4dAdG6OeAOdDiTgISQ40TNmKzAqONifu0kuxtr5IUMBA\#
                AE","transports":["internal","hybrid"],"publicKeyAlgorithm":-257}}
                """#,
            assertion: #"""
                {"id":"JCvz0zfugwt1mufeepCtihHuIWMcGolQIq2Lrs7J2tE","rawId":"JCvz0zfugwt1mufeepCtihHuIWMcGolQIq2Lrs7J2tE"\#
                ,"type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":{},"response":{"client\#
                DataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiZkZzZFNlYUhYOWlIX1ZJaEk4U3pRV25VekJHbVVDekFUTG\#
                ZyajN3V2FYSSIsIm9yaWdpbiI6Imh0dHBzOi8vcG9wdWcuZXhhbXBsZSIsImNyb3NzT3JpZ2luIjpmYWxzZX0","authenticatorData\#
                ":"PYpZ9wvocsUNsY2nVg55cgFo5xKYTeIxk-Qgzh5KKqQdAAAAAA","signature":"ctqJWOvRi6PL1wLsgAhYDRPVAPkh4oZUm2qId\#
                wVcg9auPf7gg-3TyIWnHLtUd0K4RQPG8udyadMLGJooq24GkLnpaBd7zbaeaPIxdjbOhILCVQHCO6X4nr5QP0C4ZRD0El-CG4iwO92PpG\#
                9CZ_2UIVuqXi5JFQNikr2mxIJdcmLTtUBA6sRACyZoKBTGxwdeGaYwZV3KyJML_ZuyrMBUxZHZ9OKgSxoEq6F-6nfIbdOvUCFyGL8KQeX\#
                FP3NUvs2RuIj1vrHdXAZckLI3iKaPOR-G6u5cvTMNz9RXTqgL4m2NhUIqAw2U48JULM4KVzLc20uijORy2fkF2uj9ItWI8w","userHan\#
                dle":"BPiZbadjt6lpsQKO4wB1aQ"}}
                """#),
        WebAuthnVector(
            testDescription: "ES256, packed", algorithm: -7, format: "packed", counter: 7,
            key: #"""
                a501020326200121582008f8c0705f2ef38eb75f3de7805ef0dbaa29f940890373e39635dcc21fdc3e1422582099b135c959410e1\#
                2fece5e44378f7c58c373505453739ae8ee0bd10ddd4ec24f
                """#,
            registration: #"""
                {"id":"MPeFJ0BFVmrasiycbOHibPq25N3unm4-pebll3hJe8o","rawId":"MPeFJ0BFVmrasiycbOHibPq25N3unm4-pebll3hJe8o"\#
                ,"type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":{"credProps":{"rk":tru\#
                e}},"response":{"clientDataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiS2NuRERnWUVVVnp0bUx\#
                QUlQ5aUhVYWo0NUxtOGFkU0Rwbm9sZkJTcmVmcyIsIm9yaWdpbiI6Imh0dHBzOi8vcG9wdWcuZXhhbXBsZSIsImNyb3NzT3JpZ2luIjpm\#
                YWxzZX0","attestationObject":"o2NmbXRmcGFja2VkZ2F0dFN0bXSiY2FsZyZjc2lnWEYwRAIgBd3caOr_4QtqidL7GoMKwoMr-Tk\#
                hpbacn3OF0_TmT38CIAlP8qxYUSaGchZ7yx9LNYxS60kI5YqkhuFU2kdcQfZZaGF1dGhEYXRhWL89iln3C-hyxQ2xjadWDnlyAWjnEphN\#
                4jGT5CDOHkoqpN0AAAAHZ7-aW6EHEMxMeQq3KSDdlgAgMPeFJ0BFVmrasiycbOHibPq25N3unm4-pebll3hJe8qlAQIDJiABIVggCPjAc\#
                F8u8463Xz3ngF7w26op-UCJA3PjljXcwh_cPhQiWCCZsTXJWUEOEv7OXkQ3j3xYw3NQVFNzmujuC9EN3U7CT6JrY3JlZFByb3RlY3QCa2\#
                htYWMtc2VjcmV09Q","authenticatorData":"PYpZ9wvocsUNsY2nVg55cgFo5xKYTeIxk-Qgzh5KKqTdAAAAB2e_mluhBxDMTHkKty\#
                kg3ZYAIDD3hSdARVZq2rIsnGzh4mz6tuTd7p5uPqXm5Zd4SXvKpQECAyYgASFYIAj4wHBfLvOOt18954Be8NuqKflAiQNz45Y13MIf3D4\#
                UIlggmbE1yVlBDhL-zl5EN498WMNzUFRTc5ro7gvRDd1Owk-ia2NyZWRQcm90ZWN0AmtobWFjLXNlY3JldPU","transports":["inte\#
                rnal","hybrid"],"publicKeyAlgorithm":-7}}
                """#,
            assertion: #"""
                {"id":"MPeFJ0BFVmrasiycbOHibPq25N3unm4-pebll3hJe8o","rawId":"MPeFJ0BFVmrasiycbOHibPq25N3unm4-pebll3hJe8o"\#
                ,"type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":{},"response":{"client\#
                DataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiZkZzZFNlYUhYOWlIX1ZJaEk4U3pRV25VekJHbVVDekFUTG\#
                ZyajN3V2FYSSIsIm9yaWdpbiI6Imh0dHBzOi8vcG9wdWcuZXhhbXBsZSIsImNyb3NzT3JpZ2luIjpmYWxzZX0","authenticatorData\#
                ":"PYpZ9wvocsUNsY2nVg55cgFo5xKYTeIxk-Qgzh5KKqQdAAAACA","signature":"MEYCIQCY3hHcJpprGy27iMZZHZpw-8EQgvDIM\#
                Bjq3QX4BfHIGwIhAMbV3EiKiq5jbqg-NGSlDWetimvYXoHh8MftD9LF9AMr","userHandle":"BPiZbadjt6lpsQKO4wB1aQ"}}
                """#),
        WebAuthnVector(
            testDescription: "EdDSA, packed", algorithm: -8, format: "packed", counter: 7,
            key: #"""
                a4010103272006215820bdf3766308332355b2b7115c1a807156cf8e3c4667b2d631016bd91292a2f318
                """#,
            registration: #"""
                {"id":"-X9DVM7wt5hHbVSoyGzdaMNVK-3hMqTtfeDkKPRsO_Y","rawId":"-X9DVM7wt5hHbVSoyGzdaMNVK-3hMqTtfeDkKPRsO_Y"\#
                ,"type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":{"credProps":{"rk":tru\#
                e}},"response":{"clientDataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiS2NuRERnWUVVVnp0bUx\#
                QUlQ5aUhVYWo0NUxtOGFkU0Rwbm9sZkJTcmVmcyIsIm9yaWdpbiI6Imh0dHBzOi8vcG9wdWcuZXhhbXBsZSIsImNyb3NzT3JpZ2luIjpm\#
                YWxzZX0","attestationObject":"o2NmbXRmcGFja2VkZ2F0dFN0bXSiY2FsZydjc2lnWEAoA40QqgmsOvcphU2rVAIXLosllFkcjcP\#
                pYB4aGFnLTxIddJIQNWqLMViqtKuCdY4ahbxjGpZD_3dBAmPcl7UKaGF1dGhEYXRhWJw9iln3C-hyxQ2xjadWDnlyAWjnEphN4jGT5CDO\#
                HkoqpN0AAAAHV7riMXABbm1Y5_gCgP-sHQAg-X9DVM7wt5hHbVSoyGzdaMNVK-3hMqTtfeDkKPRsO_akAQEDJyAGIVggvfN2YwgzI1Wyt\#
                xFcGoBxVs-OPEZnstYxAWvZEpKi8xiia2NyZWRQcm90ZWN0AmtobWFjLXNlY3JldPU","authenticatorData":"PYpZ9wvocsUNsY2n\#
                Vg55cgFo5xKYTeIxk-Qgzh5KKqTdAAAAB1e64jFwAW5tWOf4AoD_rB0AIPl_Q1TO8LeYR21UqMhs3WjDVSvt4TKk7X3g5Cj0bDv2pAEBA\#
                ycgBiFYIL3zdmMIMyNVsrcRXBqAcVbPjjxGZ7LWMQFr2RKSovMYomtjcmVkUHJvdGVjdAJraG1hYy1zZWNyZXT1","transports":["i\#
                nternal","hybrid"],"publicKeyAlgorithm":-8}}
                """#,
            assertion: #"""
                {"id":"-X9DVM7wt5hHbVSoyGzdaMNVK-3hMqTtfeDkKPRsO_Y","rawId":"-X9DVM7wt5hHbVSoyGzdaMNVK-3hMqTtfeDkKPRsO_Y"\#
                ,"type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":{},"response":{"client\#
                DataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiZkZzZFNlYUhYOWlIX1ZJaEk4U3pRV25VekJHbVVDekFUTG\#
                ZyajN3V2FYSSIsIm9yaWdpbiI6Imh0dHBzOi8vcG9wdWcuZXhhbXBsZSIsImNyb3NzT3JpZ2luIjpmYWxzZX0","authenticatorData\#
                ":"PYpZ9wvocsUNsY2nVg55cgFo5xKYTeIxk-Qgzh5KKqQdAAAACA","signature":"gksgznF4w8Fwpea29RBrPIAhHNAHt1ZmYxrV6\#
                L9hDCq_MERvSDcOSKe9A3kJq-d1cWAhiwcij73kD3e8yCWKDg","userHandle":"BPiZbadjt6lpsQKO4wB1aQ"}}
                """#),
        WebAuthnVector(
            testDescription: "RS256, packed", algorithm: -257, format: "packed", counter: 7,
            key: #"""
                a401030339010020590100b7f9161f8d3ea83e0a439c8e62bfb802a75f2bf6a84366258a830a022e8f279e897cd815bd37b43a7b8\#
                fff0cec3d908770673b5e8c2e45dd135d23732a818bb72b17f1d1af2ca37588a80fc98f56493ffef008dd409bf3d219a5c0271acf\#
                851f13dfb54f1c4abe30218b75bae4b2e41246d2b08bf90900585ce707a2331e5b84733a7acef5765c9bcc711b39c13fb0fb3ca70\#
                74093f9e006fbadb18d7f26b52ab03bc894cb742ad5747ff665da016ba676d703b353eb1fc6f93882ac9374b08ada4eb9c5e3b2df\#
                7078b91646a9d25eb27693fca7cfa9d7b527aba1b7739ff177d83c9b6e8ba28b008dd211504a121825f541671210507f70c65b685\#
                a68a69bed2143010001
                """#,
            registration: #"""
                {"id":"yHKIghLGW9plXgv2XrpYrblBqvcTuISonCZ_xE_F2Zs","rawId":"yHKIghLGW9plXgv2XrpYrblBqvcTuISonCZ_xE_F2Zs"\#
                ,"type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":{"credProps":{"rk":tru\#
                e}},"response":{"clientDataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiS2NuRERnWUVVVnp0bUx\#
                QUlQ5aUhVYWo0NUxtOGFkU0Rwbm9sZkJTcmVmcyIsIm9yaWdpbiI6Imh0dHBzOi8vcG9wdWcuZXhhbXBsZSIsImNyb3NzT3JpZ2luIjpm\#
                YWxzZX0","attestationObject":"o2NmbXRmcGFja2VkZ2F0dFN0bXSiY2FsZzkBAGNzaWdZAQBv1O93PMqSa1RIZzzCjYZexKzR2A4\#
                -4HayW0Ah0w4LPBaYM7hyktRyNLdgtbwYRfRLYMy0IqCxXw-QFDmgusw4FSmIpeH6dpg0ZZ5WFfUNB0cc5nGVeT-zKnV7r1nJLbuJREBp\#
                N2Owl2skB_vr-WvYb4ntJsEFbeJj1NoKufrk6-wv7m-Y7nHS3Kb7veEoSx56YAT0vnzimxC41yy_UEayoIz_KAdpVB2j2aF1evGnfjUEY\#
                iPCuyqjZkNYfGxk1GDVlqzKGYH31kQwZ5o4N-zdGw_FQZ2VtTrMCIo0qFFf6wZMjqXLOCoX3kzStLUSS2nTNEaOKZ0JocNBbUA1ZEpzaG\#
                F1dGhEYXRhWQGCPYpZ9wvocsUNsY2nVg55cgFo5xKYTeIxk-Qgzh5KKqTdAAAAB5on5Eas8dPjZyHzdffRy4oAIMhyiIISxlvaZV4L9l6\#
                6WK25Qar3E7iEqJwmf8RPxdmbpAEDAzkBACBZAQC3-RYfjT6oPgpDnI5iv7gCp18r9qhDZiWKgwoCLo8nnol82BW9N7Q6e4__DOw9kIdw\#
                ZztejC5F3RNdI3MqgYu3Kxfx0a8so3WIqA_Jj1ZJP_7wCN1Am_PSGaXAJxrPhR8T37VPHEq-MCGLdbrksuQSRtKwi_kJAFhc5weiMx5bh\#
                HM6es71dlybzHEbOcE_sPs8pwdAk_ngBvutsY1_JrUqsDvIlMt0KtV0f_Zl2gFrpnbXA7NT6x_G-TiCrJN0sIraTrnF47LfcHi5Fkap0l\#
                6ydpP8p8-p17Unq6G3c5_xd9g8m26LoosAjdIRUEoSGCX1QWcSEFB_cMZbaFpoppvtIUMBAAGia2NyZWRQcm90ZWN0AmtobWFjLXNlY3J\#
                ldPU","authenticatorData":"PYpZ9wvocsUNsY2nVg55cgFo5xKYTeIxk-Qgzh5KKqTdAAAAB5on5Eas8dPjZyHzdffRy4oAIMhyiI\#
                ISxlvaZV4L9l66WK25Qar3E7iEqJwmf8RPxdmbpAEDAzkBACBZAQC3-RYfjT6oPgpDnI5iv7gCp18r9qhDZiWKgwoCLo8nnol82BW9N7Q\#
                6e4__DOw9kIdwZztejC5F3RNdI3MqgYu3Kxfx0a8so3WIqA_Jj1ZJP_7wCN1Am_PSGaXAJxrPhR8T37VPHEq-MCGLdbrksuQSRtKwi_kJ\#
                AFhc5weiMx5bhHM6es71dlybzHEbOcE_sPs8pwdAk_ngBvutsY1_JrUqsDvIlMt0KtV0f_Zl2gFrpnbXA7NT6x_G-TiCrJN0sIraTrnF4\#
                7LfcHi5Fkap0l6ydpP8p8-p17Unq6G3c5_xd9g8m26LoosAjdIRUEoSGCX1QWcSEFB_cMZbaFpoppvtIUMBAAGia2NyZWRQcm90ZWN0Am\#
                tobWFjLXNlY3JldPU","transports":["internal","hybrid"],"publicKeyAlgorithm":-257}}
                """#,
            assertion: #"""
                {"id":"yHKIghLGW9plXgv2XrpYrblBqvcTuISonCZ_xE_F2Zs","rawId":"yHKIghLGW9plXgv2XrpYrblBqvcTuISonCZ_xE_F2Zs"\#
                ,"type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":{},"response":{"client\#
                DataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiZkZzZFNlYUhYOWlIX1ZJaEk4U3pRV25VekJHbVVDekFUTG\#
                ZyajN3V2FYSSIsIm9yaWdpbiI6Imh0dHBzOi8vcG9wdWcuZXhhbXBsZSIsImNyb3NzT3JpZ2luIjpmYWxzZX0","authenticatorData\#
                ":"PYpZ9wvocsUNsY2nVg55cgFo5xKYTeIxk-Qgzh5KKqQdAAAACA","signature":"TMaWanh-m-MFX-7g8Efco2iMIdStpx390oHq4\#
                ZpVV776gXHkWox8EQlhrv1LVInlrxDCB8phx46HD9KxfyKFfE8MevztupMGA8IudxquInVHRdq4U48TbCHwItYV3dIeIf9CYfcBW9sFh1\#
                j7S10Pyfv5xzAR4ttc02z9gWPhZ8Xi6wj9KwRp3iQjWGrmHA3VeWw9nnwcc4tTIOrAwajaU2c3S5rSUoBp30I29z3mqu5UW3JeVXxcWLO\#
                Mrk1Klsx7OMqG5jeoEnkrMntSkw_A3_d8RXTTVQzMMaQoFWpMR5lkZvQTeLuq4pqzGTyv8SKLvysXtLNBcmYrDpuPTznF_g","userHan\#
                dle":"BPiZbadjt6lpsQKO4wB1aQ"}}
                """#),
    ]
}
