using SpikeBench.Core.Engine;

namespace SpikeBench.Core.Profiles;

/// <summary>Binds how calls reach the target and what they carry: TLS, metadata, tokens, compression, sizes.</summary>
internal sealed class CallSettings(List<ProfileError> errors)
{
    private const long LargestMessage = 1L << 30;

    /// <summary>The keys of <c>client</c> that are about the way to the target.</summary>
    public ClientOptions Bind(MappingReader client, ClientOptions bound) => bound with
    {
        Transport = BindTransport(client),
        ConnectTimeoutNs = client.Duration("connect_timeout", bound.ConnectTimeoutNs),
        Metadata = BindMetadata(client),
        Token = BindToken(client),
        Compression = client.Choice("compression", "none", ["none", "replies", "gzip"]) switch
        {
            "replies" => MessageCompression.Replies,
            "gzip" => MessageCompression.Gzip,
            _ => MessageCompression.None,
        },
        MaxReplyBytes = (int)client.Size("max_reply", bound.MaxReplyBytes, LargestMessage),
        MaxRequestBytes = client.Has("max_request") ? (int)client.Size("max_request", LargestMessage, LargestMessage) : null,
    };

    /// <summary>The key <c>metadata</c> of <c>client</c> or of an operation.</summary>
    public IReadOnlyList<MetadataField> BindMetadata(MappingReader reader)
    {
        var fields = new List<MetadataField>();
        foreach ((MappingEntry entry, ScalarNode value) in Scalars(reader, "metadata"))
        {
            string at = $"{reader.PathOf("metadata")}.{entry.Key}";
            if (MetadataField.Objection(entry.Key) is { } objection)
            {
                errors.Add(new ProfileError(entry.Line, entry.Column, at, objection));
            }
            else
            {
                fields.Add(new MetadataField(entry.Key, value.Value) { Line = value.Line, Column = value.Column });
            }
        }

        return fields;
    }

    /// <summary>The key <c>reply</c>: fields of an OK reply and what they must be.</summary>
    public IReadOnlyList<ReplyField> BindReply(MappingReader operation) =>
        [.. Scalars(operation, "reply").Select(s => new ReplyField(s.Entry.Key, s.Value.Value) { Line = s.Value.Line, Column = s.Value.Column })];

    private static TransportOptions BindTransport(MappingReader client)
    {
        var defaults = new TransportOptions();
        var transport = new TransportOptions
        {
            Authority = client.Text("authority"),
            ResolveEvery = TimeSpan.FromTicks(client.Duration("resolve_every", defaults.ResolveEvery.Ticks * TimeSpan.NanosecondsPerTick) / TimeSpan.NanosecondsPerTick),
        };
        if (client.Object("tls", ProfileFormat.Tls) is not { } tls)
        {
            return transport;
        }

        transport = transport with
        {
            Tls = tls.Flag("use", false),
            CaFile = tls.Text("ca"),
            CertificateFile = tls.Text("cert"),
            KeyFile = tls.Text("key"),
            Insecure = tls.Flag("insecure", false),
        };
        if (transport is { KeyFile: not null, CertificateFile: null })
        {
            tls.Report("key", "a key needs its certificate: give cert as well");
        }

        return transport;
    }

    private TokenSource? BindToken(MappingReader client)
    {
        if (client.Object("token", ProfileFormat.Token) is not { } reader)
        {
            return null;
        }

        var defaults = new TokenSource();
        var token = new TokenSource
        {
            File = reader.Text("file"),
            Command = reader.Text("command"),
            Header = reader.Text("header") ?? defaults.Header,
            Scheme = reader.Scalar("scheme") ?? defaults.Scheme,
            RefreshNs = reader.Has("refresh") ? reader.Duration("refresh", 1) : null,
        };
        if (token.File is null == token.Command is null)
        {
            errors.Add(new ProfileError(reader.Line, reader.Column, client.PathOf("token"), "give one of file and command"));
        }

        if (MetadataField.Objection(token.Header) is { } objection)
        {
            reader.Report("header", objection);
        }

        return token;
    }

    private List<(MappingEntry Entry, ScalarNode Value)> Scalars(MappingReader reader, string key)
    {
        var found = new List<(MappingEntry, ScalarNode)>();
        switch (reader.Entries.FirstOrDefault(e => e.Key == key)?.Value)
        {
            case null:
                break;
            case MappingNode mapping:
                foreach (MappingEntry entry in mapping.Entries)
                {
                    string at = $"{reader.PathOf(key)}.{entry.Key}";
                    if (found.Any(f => f.Item1.Key == entry.Key))
                    {
                        errors.Add(new ProfileError(entry.Line, entry.Column, at, "is given twice"));
                    }
                    else if (entry.Value is ScalarNode scalar)
                    {
                        found.Add((entry, scalar));
                    }
                    else
                    {
                        errors.Add(new ProfileError(entry.Value.Line, entry.Value.Column, at, $"expected a single value, got {MappingReader.Describe(entry.Value)}"));
                    }
                }

                break;
            default:
                reader.Report(key, "expected names and values");
                break;
        }

        return found;
    }
}
