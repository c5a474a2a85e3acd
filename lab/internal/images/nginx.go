package images

import (
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"cofferdam/lab/internal/oci"
)

// compileNginx makes what nginx's own packages hold: their paths and the modules that
// need nothing beyond OpenSSL, PCRE and zlib.
const compileNginx = fetchSource + `
fetch_source nginx /usr/src/nginx
temp=/var/cache/nginx
./configure --prefix=/etc/nginx --sbin-path=/usr/sbin/nginx --modules-path=/usr/lib/nginx/modules \
	--conf-path=/etc/nginx/nginx.conf --error-log-path=/var/log/nginx/error.log --http-log-path=/var/log/nginx/access.log \
	--pid-path=/run/nginx.pid --lock-path=/run/nginx.lock --http-client-body-temp-path=$temp/client_temp \
	--http-proxy-temp-path=$temp/proxy_temp --http-fastcgi-temp-path=$temp/fastcgi_temp \
	--http-uwsgi-temp-path=$temp/uwsgi_temp --http-scgi-temp-path=$temp/scgi_temp --user=nginx --group=nginx \
	--with-compat --with-file-aio --with-threads --with-http_addition_module --with-http_auth_request_module \
	--with-http_dav_module --with-http_flv_module --with-http_gunzip_module --with-http_gzip_static_module \
	--with-http_mp4_module --with-http_random_index_module --with-http_realip_module --with-http_secure_link_module \
	--with-http_slice_module --with-http_ssl_module --with-http_stub_status_module --with-http_sub_module \
	--with-http_v2_module --with-mail --with-mail_ssl_module --with-stream --with-stream_realip_module \
	--with-stream_ssl_module --with-stream_ssl_preread_module --with-ld-opt=-Wl,--strip-all
make --silent --jobs "$(nproc)"
make --silent install DESTDIR=/out/root
cd /out/root
objs=/usr/src/nginx/objs
$objs/nginx -v 2>&1 | sed 's,.*/,,' > /out/version
mkdir -p usr/share/nginx usr/lib/nginx/modules etc/nginx/conf.d var/cache/nginx
mv etc/nginx/html usr/share/nginx/
rm etc/nginx/*.default
ln -s /usr/lib/nginx/modules etc/nginx/modules
ln -sf /dev/stdout var/log/nginx/access.log
ln -sf /dev/stderr var/log/nginx/error.log
rm -rf run var/run
`

const nginxConf = `user  nginx;
worker_processes  auto;

error_log  /var/log/nginx/error.log notice;
pid        /run/nginx.pid;

events {
    worker_connections  1024;
}

http {
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;
    access_log    /var/log/nginx/access.log  combined;
    sendfile      on;
    include       /etc/nginx/conf.d/*.conf;
}
`

const nginxSite = `server {
    listen       80;
    server_name  localhost;

    location / {
        root   /usr/share/nginx/html;
        index  index.html;
    }
}
`

var nginxPackages = []string{"gcc", "libc6-dev", "libpcre2-dev", "libssl-dev", "make", "zlib1g-dev"}

var nginxGroup = group{
	name:    "nginx",
	usual:   "about 60 s",
	missing: always,
	inputs: func(_ context.Context, w *Workshop) ([]string, error) {
		return slices.Concat([]string{"nginx 2", compileNginx, nginxConf, nginxSite}, nginxPackages, lines(w.Machine.Sources)), nil
	},
	before: func(ctx context.Context, w *Workshop) error {
		_, err := w.slim(ctx)
		return err
	},
	build: buildNginx,
}

// buildNginx puts nginx on the slim Debian image, which has the libraries that it needs.
func buildNginx(ctx context.Context, w *Workshop, l oci.Layout) error {
	on, err := w.slim(ctx)
	if err != nil {
		return err
	}
	work := filepath.Join(l.Dir, "work")
	defer os.RemoveAll(work)
	out, err := w.workroom(ctx, work, nginxPackages, compileNginx)
	if err != nil {
		return err
	}
	version, err := builtVersion(out, "1.")
	if err != nil {
		return err
	}
	tree := oci.NewTree(newest)
	err = errors.Join(
		tree.AddDir(filepath.Join(out, "root"), "", everything, nil),
		tree.File("etc/nginx/nginx.conf", 0o644, []byte(nginxConf)),
		tree.File("etc/nginx/conf.d/default.conf", 0o644, []byte(nginxSite)),
		on.addAccount(tree, account{"nginx", 101, "/nonexistent", "/bin/false"}),
	)
	if err != nil {
		return err
	}
	config := oci.Config{
		Env:          []string{systemPath, "NGINX_VERSION=" + version},
		Cmd:          []string{"nginx", "-g", "daemon off;"},
		ExposedPorts: map[string]struct{}{"80/tcp": {}},
		StopSignal:   "SIGQUIT",
	}
	return on.image(l, gzip.DefaultCompression, tree, config, tags("library/nginx", version))
}
