// What a team writes: its collections, and who may do what.
import { sqliteAdapter } from '@payloadcms/db-sqlite'
import { lexicalEditor } from '@payloadcms/richtext-lexical'
import path from 'path'
import { buildConfig } from 'payload'
import { fileURLToPath } from 'url'

const dirname = path.dirname(fileURLToPath(import.meta.url))

export default buildConfig({
  admin: { user: 'users', importMap: { baseDir: dirname } },
  collections: [
    { slug: 'users', auth: true, fields: [{ name: 'role', type: 'text' }] },
    {
      slug: 'articles',
      access: { delete: ({ req }) => req.user?.role === 'admin' },
      fields: [{ name: 'title', type: 'text', required: true }],
    },
  ],
  editor: lexicalEditor(),
  secret: process.env.PAYLOAD_SECRET || '',
  db: sqliteAdapter({ client: { url: process.env.DATABASE_URL || 'file:./empty.db' } }),
  telemetry: false,
})
