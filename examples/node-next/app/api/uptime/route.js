export const dynamic = 'force-dynamic';

export function GET() {
  return Response.json({ node: process.version, uid: process.getuid(), seconds: process.uptime() });
}
